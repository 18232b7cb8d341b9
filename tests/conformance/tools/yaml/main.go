// Reads lines of JSON strings, each a YAML document, and prints what Go's readers make of it: the value as one line of
// JSON, or an object with the key "error". sigs.k8s.io/yaml is what kubectl and Argo CD read with.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	"sigs.k8s.io/yaml"
)

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder, encoder := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var document string
		if decoder.Decode(&document) != nil {
			return
		}
		var value any
		if problem := yaml.Unmarshal([]byte(document), &value); problem != nil {
			value = map[string]string{"error": problem.Error()}
		}
		if encoder.Encode(value) != nil {
			return
		}
	}
}
