package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/pickle"

	"github.com/spf13/cobra"
)

func lsCommand(ui *ui) *cobra.Command {
	var f clientFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "ls ADDRESS",
		Short: "List the objects of a manager",
		Long: `List the objects that clients refer to, and those that are shared under a name, by name: kind, references,
length, of queues the bytes and how many items are lent, were handed out again and were moved to the dead letters,
how many calls wait, which connection holds a lock, and when what is done to a queue is on the disk (serve --data).
Python's own servers tell only the references and the text of each object.`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return f.with(c.Context(), args[0], func(ctx context.Context, c *client.Client) error {
				objects, err := c.Objects(ctx)
				if err != nil {
					return err
				}
				byName(objects)
				if asJSON {
					return printObjectsJSON(output{ctx, ui.out}, objects)
				}
				return printObjects(output{ctx, ui.out}, objects)
			})
		},
	}
	f.flags(cmd, "how long the answer may take")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, one object per line")
	return cmd
}

func printObjects(w io.Writer, objects []managers.ObjectInfo) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "IDENT\tNAME\tREFS\tLEN\tLENT\tWAITERS\tHOLDER\tKIND\tBYTES\tREDELIVERED\tDEAD\tDURABLE\tOBJECT")
	for _, o := range objects {
		row := []string{
			cell(o.Ident), orDash(cell(o.Name), o.Name != ""), strconv.Itoa(o.References),
			orDash(strconv.Itoa(o.Len), o.Len >= 0), countOrDash(int64(o.Leased)), countOrDash(int64(o.Waiters)),
			orDash(fmt.Sprintf("#%d %v", o.Holder, seconds(o.HeldFor)), o.Holder > 0),
			orDash(cell(o.Kind), o.Kind != ""), countOrDash(o.Bytes), countOrDash(int64(o.Redelivered)),
			countOrDash(int64(o.Dead)), orDash(cell(o.Durable), o.Durable != ""), cell(o.Text),
		}
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	return table.Flush()
}

// byName sorts objects by their names.
func byName(objects []managers.ObjectInfo) {
	slices.SortStableFunc(objects, func(a, b managers.ObjectInfo) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Ident, b.Ident))
	})
}

// countOrDash is a number, or a dash for none.
func countOrDash(n int64) string { return orDash(strconv.FormatInt(n, 10), n > 0) }

// seconds shows a time to the tenth of a second.
func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(100 * time.Millisecond)
}

func orDash(text string, known bool) string {
	if known {
		return text
	}
	return "-"
}

func printObjectsJSON(w io.Writer, objects []managers.ObjectInfo) error {
	for _, o := range objects {
		row := pickle.NewDict(
			"ident", o.Ident, "type", o.Typeid, "references", int64(o.References), "shared", o.Shared,
			"len", int64(o.Len), "waiters", int64(o.Waiters), "lent", int64(o.Leased), "holder", o.Holder,
			"held_for", o.HeldFor, "object", o.Text, "name", o.Name, "kind", o.Kind, "bytes", o.Bytes,
			"redelivered", int64(o.Redelivered), "dead", int64(o.Dead), "durable", o.Durable)
		if err := printJSON(w, row); err != nil {
			return err
		}
	}
	return nil
}
