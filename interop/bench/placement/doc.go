// Package placement keeps the processes of benchmarks on processors.
package placement
