// Lints a chart and renders it, with Helm's own libraries: `go run . <chart> [values.yaml]`.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
)

// What is printed, as JSON.
type result struct {
	// The problems that the linter reports, from warnings on.
	Problems []string `json:"problems"`
	// The rendered files, in the order of their names.
	Files []string `json:"files"`
}

func main() {
	out, err := run(os.Args[1], os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		panic(err)
	}
}

func run(dir string, valueFiles []string) (*result, error) {
	out := &result{Problems: []string{}, Files: []string{}}
	values := map[string]interface{}{}
	for _, file := range valueFiles {
		read, err := chartutil.ReadValuesFile(file)
		if err != nil {
			return nil, err
		}
		values = chartutil.CoalesceTables(read, values)
	}
	for _, message := range lint.All(dir, values, "default", true).Messages {
		if message.Severity >= support.WarningSev {
			out.Problems = append(out.Problems, message.Error())
		}
	}
	chart, err := loader.LoadDir(dir)
	if err != nil {
		return nil, err
	}
	options := chartutil.ReleaseOptions{Name: "rtc-gateway", Namespace: "default", Revision: 1, IsInstall: true}
	given, err := chartutil.ToRenderValues(chart, values, options, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(chart, given)
	if err != nil {
		out.Problems = append(out.Problems, err.Error())
		return out, nil
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		out.Files = append(out.Files, files[name])
	}
	return out, nil
}
