package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/pickle"

	"github.com/spf13/cobra"
)

func clientsCommand(ui *ui) *cobra.Command {
	var f clientFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "clients ADDRESS",
		Short: "List the connections of a server of ours",
		Long: `List the connections of a server of ours: where from, since when, whether a call of it waits, with which key,
and the name that the client gave itself. A read-only key with patterns is shown the connections of its own.`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.with(cmd.Context(), args[0], func(ctx context.Context, c *client.Client) error {
				clients, err := c.Clients(ctx)
				if err != nil {
					return err
				}
				return printClients(output{ctx, ui.out}, clients, asJSON)
			})
		},
	}
	f.flags(cmd, "how long the answer may take")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, one client per line")
	return cmd
}

func printClients(w io.Writer, clients []managers.ClientInfo, asJSON bool) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if !asJSON {
		fmt.Fprintln(table, "CLIENT\tPEER\tFOR\tWAITING\tKEY\tNAME")
	}
	for _, c := range clients {
		if !asJSON {
			fmt.Fprintf(table, "#%d\t%s\t%v\t%v\t%s\t%s\n", c.Number, cell(c.Peer), seconds(c.Seconds), c.Waiting,
				orDash(cell(c.Key), c.Key != ""), cell(c.Name))
			continue
		}
		row := pickle.NewDict("number", c.Number, "peer", c.Peer, "seconds", c.Seconds,
			"waiting", c.Waiting, "name", c.Name, "key", c.Key)
		if err := printJSON(w, row); err != nil {
			return err
		}
	}
	return table.Flush()
}

func killCommand(*ui) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:   "kill ADDRESS CLIENT",
		Short: "End a connection of a server of ours, as if the client had died",
		Long: `End a connection by its number, as ls and clients show it. What was lent to the client comes back; with
serve --release-on-disconnect, so does what it holds.`,
		Args: usageArgs(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			number, err := strconv.ParseInt(strings.TrimPrefix(args[1], "#"), 10, 64)
			if err != nil {
				return &usageError{fmt.Errorf("%q is not the number of a client", args[1])}
			}
			return f.with(cmd.Context(), args[0], func(ctx context.Context, c *client.Client) error {
				found, err := c.Kill(ctx, number)
				if err == nil && !found {
					err = fmt.Errorf("there is no client #%d", number)
				}
				return err
			})
		},
	}
	f.flags(cmd, "how long the answer may take")
	return cmd
}
