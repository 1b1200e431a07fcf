// Command mpbridge serves, joins and inspects Python's multiprocessing managers.
package main

import (
	"context"
	"io"
	"os"
	"runtime/debug"
	_ "time/tzdata" // time zones of datetimes, on machines without a database of them

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program: it returns the exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ui := &ui{in: stdin, out: stdout, err: stderr}
	root := rootCommand(ui)
	root.SetArgs(numbers(args))
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return ui.exit(root.ExecuteContext(context.Background()))
}

func rootCommand(ui *ui) *cobra.Command {
	root := &cobra.Command{
		Use:   "mpbridge",
		Short: "Python's multiprocessing managers, served and joined without Python",
		Long: `mpbridge speaks the wire formats of Python's multiprocessing: it serves queues to stock Python
programs of versions 2.7 and 3.6 to 3.15, and uses managers that run elsewhere.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 queue empty, 4 wrong key, 5 cannot connect or no answer,
6 queue full; 130 and 143 stopped by SIGINT and SIGTERM, 141 nobody reads the output;
of serve --snapshot: 7 it cannot start with what is there, 8 it could not save when it stopped.

The key comes from MPBRIDGE_AUTHKEY, --authkey-file or --authkey-fd. A line end behind it is not
part of it.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(),
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.AddCommand(serveCommand(ui), putCommand(ui), getCommand(ui), peekCommand(ui),
		ackCommand(ui), nackCommand(ui), extendCommand(ui), callCommand(ui),
		lsCommand(ui), clientsCommand(ui), killCommand(ui), snapshotCommand(ui), mapCommand(ui), inspectCommand(ui),
		frontCommand(ui), demoCommand(ui), tunnelCommand(ui), valuesTopic())
	return root
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
