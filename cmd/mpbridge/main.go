// Command mpbridge serves, joins and inspects Python's multiprocessing managers.
package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	_ "time/tzdata" // time zones of datetimes, on machines without a database of them

	"mpbridge/managers"

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program: it returns the exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return runContext(context.Background(), args, stdin, stdout, stderr)
}

func runContext(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ui := &ui{in: stdin, out: stdout, err: stderr}
	root := rootCommand(ui)
	root.SetArgs(protectNegativeNumbers(args))
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return ui.exit(root.ExecuteContext(ctx))
}

func rootCommand(ui *ui) *cobra.Command {
	root := &cobra.Command{
		Use:   "mpbridge",
		Short: "Python's multiprocessing managers, served and joined without Python",
		Long: `mpbridge speaks the wire formats of Python's multiprocessing: it serves queues to stock Python
programs of versions 2.7 and 3.6 to 3.15, and uses managers that run elsewhere.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 queue empty, 4 wrong key, 5 cannot connect or no answer,
6 queue full; 130, 143 and 129 stopped by SIGINT, SIGTERM and SIGHUP, 141 nobody reads the output;
of serve --snapshot and --data: 7 it cannot start with what is there, 8 it could not save.

The key comes from MPBRIDGE_AUTHKEY, --authkey-file or --authkey-fd. A line end behind it is not
part of it.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       readBuild().Version,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.AddCommand(serveCommand(ui), putCommand(ui), getCommand(ui), peekCommand(ui),
		ackCommand(ui), nackCommand(ui), extendCommand(ui), callCommand(ui),
		lsCommand(ui), clientsCommand(ui), killCommand(ui), snapshotCommand(ui), dataCommand(ui), mapCommand(ui), inspectCommand(ui),
		frontCommand(ui), demoCommand(ui), tunnelCommand(ui), versionCommand(ui), valuesTopic())
	root.SetHelpCommand(helpCommand())
	root.InitDefaultCompletionCmd()
	eachCommand(root, func(c *cobra.Command) {
		showDefaults(c)
		refuseUnknown(c)
		completeNames(c)
		if c.Flags().Lookup("serializer") != nil {
			completeFlag(c, "serializer", string(managers.Pickle), string(managers.XMLRPC))
		}
	})
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error { return cmp.Or(checkNumbers(c), checkTexts(c)) }
	return root
}

// refuseUnknown makes it an error that a command which is only there for others is given the name of none.
func refuseUnknown(c *cobra.Command) {
	if c.HasSubCommands() && !c.Runnable() && c.HasParent() {
		c.Args = cobra.ArbitraryArgs
		c.RunE = func(c *cobra.Command, args []string) error {
			var names []string
			for _, sub := range c.Commands() {
				names = append(names, sub.Name())
			}
			if len(args) == 0 {
				return usagef("%s: want %s", c.CommandPath(), orList(names))
			}
			return usagef("%s %q: want %s", c.CommandPath(), args[0], orList(names))
		}
	} else if c.HasParent() && c.Parent().Name() == "completion" {
		c.Args = usageArgs(cobra.NoArgs)
	}
}

// helpCommand is cobra's, but that no help is an error.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about any command",
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
			at, _, err := c.Root().Find(args)
			if err == nil {
				for _, sub := range at.Commands() {
					names = append(names, sub.Name())
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			about, rest, err := c.Root().Find(args)
			if err == nil && len(rest) > 0 {
				err = errors.New("no such command")
			}
			if err != nil {
				return usagef("help %s: %w", strings.Join(args, " "), err)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}
