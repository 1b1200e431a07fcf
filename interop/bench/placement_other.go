//go:build !linux

package main

import "os/exec"

// processors returns none: processes cannot be kept on some here.
func processors() ([]int, error) { return nil, nil }

func startOn(_ int, cmd *exec.Cmd) error { return cmd.Start() }
