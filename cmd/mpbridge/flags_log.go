package main

import (
	"fmt"
	"log/slog"

	"mpbridge/internal/printable"

	"github.com/spf13/cobra"
)

// logFlags say how a long-running command logs, on stderr.
type logFlags struct{ format, level string }

func (l *logFlags) flags(cmd *cobra.Command) {
	choiceFlag(cmd, &l.format, "log-format", "text", "form of what is logged", "text", "json")
	choiceFlag(cmd, &l.level, "log-level", "info", "the least that is logged", "debug", "info", "warn", "error")
}

func (l *logFlags) logger(ui *ui) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.level)); err != nil {
		return nil, &usageError{fmt.Errorf("--log-level %q: want debug, info, warn or error", l.level)}
	}
	h := &slog.HandlerOptions{Level: level}
	switch l.format {
	case "text":
		return slog.New(slog.NewTextHandler(printable.NewWriter(ui.err), h)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(printable.NewWriter(ui.err), h)), nil
	}
	return nil, &usageError{fmt.Errorf("--log-format %q: want text or json", l.format)}
}
