package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"mpbridge/managers/client"

	"github.com/spf13/cobra"
)

// completionTimeout is how long a shell waits for a server that is to name what can be completed.
const completionTimeout = time.Second

// completeNames has the shell complete the argument behind the address with the names of a manager's objects,
// of queues alone where the command is for queues. Where the manager tells none there are none.
func completeNames(c *cobra.Command) {
	queues := slices.Contains([]string{"put", "get", "peek", "ack", "nack", "extend"}, c.Name())
	if !queues && c.Name() != "call" {
		return
	}
	c.ValidArgsFunction = func(c *cobra.Command, args []string, begun string) (names []string, _ cobra.ShellCompDirective) {
		if len(args) == 0 {
			return nil, cobra.ShellCompDirectiveDefault // a socket's path
		}
		if len(args) > 1 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		f := clientFlags{timeout: waitTime(completionTimeout), connect: completionTimeout}
		f.key.file, _ = c.Flags().GetString("authkey-file")
		f.key.fd, _ = c.Flags().GetInt("authkey-fd")
		if form := c.Flags().Lookup("serializer"); form != nil {
			f.form = serializer(form.Value.String())
		}
		_ = f.with(c.Context(), args[0], func(ctx context.Context, m *client.Client) error {
			objects, err := m.Objects(ctx)
			for _, o := range objects {
				queue := o.Kind == "queue" || o.Kind == "lifo" || o.Kind == "priority"
				if strings.HasPrefix(o.Name, begun) && o.Shared && (queue || !queues) && !strings.ContainsAny(o.Name, "\t\n") {
					names = append(names, o.Name)
				}
			}
			return err
		})
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
