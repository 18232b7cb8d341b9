// Reads a Dockerfile and prints what BuildKit makes of it, as JSON: its instructions as it runs them, with what its own
// linter says of them; or an object with the key "error".
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

type instruction struct {
	Name   string   `json:"name"`
	Text   string   `json:"text"`
	Mounts []string `json:"mounts,omitempty"`
}

type read struct {
	Base         string        `json:"base"`
	Instructions []instruction `json:"instructions"`
	Warnings     []string      `json:"warnings"`
	Error        string        `json:"error,omitempty"`
}

func main() {
	out := read{Warnings: []string{}}
	if problem := fill(&out); problem != nil {
		out.Error = problem.Error()
	}
	if problem := json.NewEncoder(os.Stdout).Encode(out); problem != nil {
		panic(problem)
	}
}

func fill(out *read) error {
	parsed, problem := parser.Parse(os.Stdin)
	if problem != nil {
		return problem
	}
	for _, warning := range parsed.Warnings {
		out.Warnings = append(out.Warnings, warning.Short)
	}
	warn := func(rule, description, url, message string, location []parser.Range) {
		out.Warnings = append(out.Warnings, rule+": "+message)
	}
	stages, _, problem := instructions.Parse(parsed.AST, linter.New(&linter.Config{Warn: warn}))
	if problem != nil {
		return problem
	}
	for _, stage := range stages {
		out.Base = stage.BaseName
		for _, command := range stage.Commands {
			one := instruction{Name: command.Name(), Text: fmt.Sprint(command)}
			if run, ok := command.(*instructions.RunCommand); ok {
				// The values of a mount are known only once they are expanded, as a build does.
				if problem := run.Expand(func(word string) (string, error) { return word, nil }); problem != nil {
					return problem
				}
				for _, mount := range instructions.GetMounts(run) {
					one.Mounts = append(one.Mounts, fmt.Sprintf("%s %s %s", mount.Type, mount.Source, mount.Target))
				}
			}
			out.Instructions = append(out.Instructions, one)
		}
	}
	return nil
}
