// Reads a Dockerfile and prints what BuildKit makes of it, as JSON: the instructions, the configuration of the image that
// a build would give, and what its own linter says; or an object with the key "error". Nothing is fetched and nothing is
// run: of the base no more is known than its name.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

const base = `{"architecture": "amd64", "os": "linux", "config": {"Env": ["PATH=/usr/local/bin:/usr/bin:/bin"]}}`

type resolver struct{}

func (resolver) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	_, found, _ := strings.Cut(ref, "@")
	return ref, digest.Digest(found), []byte(base), nil
}

type instruction struct {
	Name   string   `json:"name"`
	Text   string   `json:"text"`
	Mounts []string `json:"mounts,omitempty"`
}

type read struct {
	Base         string               `json:"base"`
	Instructions []instruction        `json:"instructions"`
	Config       ocispecs.ImageConfig `json:"config"`
	Warnings     []string             `json:"warnings"`
	Error        string               `json:"error,omitempty"`
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
	text, problem := io.ReadAll(os.Stdin)
	if problem != nil {
		return problem
	}
	linux := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	made, problem := dockerfile2llb.Dockerfile2LLB(context.Background(), text, dockerfile2llb.ConvertOpt{
		Config:         dockerui.Config{BuildArgs: map[string]string{"MLOPS_GIT_REVISION": "4b4b4b4"}},
		MetaResolver:   resolver{},
		SourceMap:      llb.NewSourceMap(nil, "Dockerfile", "", text),
		TargetPlatform: &linux,
		Warn: func(rule, description, url, message string, location []parser.Range) {
			out.Warnings = append(out.Warnings, rule+": "+message)
		},
	})
	if problem != nil {
		return problem
	}
	out.Config = made.Image.Config.ImageConfig
	return instructed(strings.NewReader(string(text)), out)
}

func instructed(text io.Reader, out *read) error {
	parsed, problem := parser.Parse(text)
	if problem != nil {
		return problem
	}
	stages, _, problem := instructions.Parse(parsed.AST, nil)
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
