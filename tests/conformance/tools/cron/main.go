// Reads lines of JSON strings, each a cron line, and prints when it comes next, as one line of JSON: the first times after
// the year 2000 began (Unix time), or an object with the key "error". robfig/cron is what Kubernetes and Argo read with.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"time"

	"github.com/robfig/cron/v3"
)

const times = 20

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder, encoder := json.NewDecoder(bufio.NewReaderSize(os.Stdin, 1<<20)), json.NewEncoder(out)
	for {
		var line string
		if decoder.Decode(&line) != nil {
			return
		}
		var value any
		if schedule, problem := cron.ParseStandard(line); problem != nil {
			value = map[string]string{"error": problem.Error()}
		} else {
			found := []int64{}
			at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
			for range times {
				if at = schedule.Next(at); at.IsZero() {
					break
				}
				found = append(found, at.Unix())
			}
			value = found
		}
		if encoder.Encode(value) != nil {
			return
		}
	}
}
