package main

import (
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	"mpbridge/managers"
	"mpbridge/managers/queue"
	"mpbridge/managers/queue/durable"
	"mpbridge/managers/queue/wal"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/spf13/cobra"
)

func dataCommand(ui *ui) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data",
		Short: "Look at the folder of serve --data, repair it, copy it",
		Long: `Look at the folder of serve --data, repair it, copy it. All but backup need that no server has it. Exit
code 7: it is damaged, of another format, or a server has it.`,
	}
	cmd.AddCommand(dataCheck(ui), dataRepair(ui), dataBackup(ui), dataExport(ui), dataImport(ui))
	return cmd
}

// inFolder returns the folder of a command, which has to be there.
func inFolder(path string) (wal.FS, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	return wal.Dir(path)
}

func dataCheck(ui *ui) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check FOLDER",
		Short: "Read all of it and say what is there",
		Long: `Read all of the folder, and print what it has, with how many items or changes, and what is damaged. It changes
nothing.`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := inFolder(args[0])
			if err != nil {
				return err
			}
			r, err := wal.Check(f)
			if err != nil {
				return &stateError{err: dataHint(args[0], err)}
			}
			if err := printReport(ui, r, asJSON); err != nil {
				return err
			}
			if len(r.Damages) > 0 {
				return &stateError{err: dataHint(args[0], &wal.DamageError{Damages: r.Damages})}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, one queue per line")
	return cmd
}

func printReport(ui *ui, r *wal.Report, asJSON bool) error {
	table := tabwriter.NewWriter(ui.out, 0, 0, 2, ' ', 0)
	if !asJSON {
		fmt.Fprintln(table, "NAME\tKIND\tENTRIES\tBYTES")
	}
	for _, s := range r.Streams {
		if s.Name == durable.ServerStream {
			continue
		}
		kind := "queue"
		if _, ok := durable.ObjectName(s.Name); ok {
			kind = "object"
		}
		if !asJSON {
			fmt.Fprintf(table, "%s\t%s\t%d\t%d\n", cell(shownName(s.Name)), kind, s.Entries, s.Bytes)
			continue
		}
		row := pickle.NewDict("name", shownName(s.Name), "kind", kind, "entries", int64(s.Entries), "bytes", s.Bytes)
		if err := printJSON(ui.out, row); err != nil {
			return err
		}
	}
	ui.say("%d segments, %d bytes, %d batches", r.Segments, r.Bytes, r.Batches)
	return table.Flush()
}

func dataRepair(ui *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "repair FOLDER",
		Short: "Make a damaged folder readable again",
		Long: `Make a folder readable again of which serve says that it is damaged. What cannot be read goes to files beside it,
damaged-SEGMENT-OFFSET; all that can be read stays. Prints what is lost, a line each.`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := inFolder(args[0])
			if err != nil {
				return err
			}
			lost, err := wal.Repair(f)
			for _, d := range lost {
				fmt.Fprintln(ui.out, "lost "+cell(d.String()))
			}
			if err != nil {
				return &stateError{err: fmt.Errorf("%s: %w", args[0], err)}
			}
			return nil
		},
	}
}

func dataBackup(*ui) *cobra.Command {
	return &cobra.Command{
		Use:   "backup FOLDER COPY",
		Short: "Copy it as it is now, also while a server has it",
		Long: `Copy the folder as it is now into another, which is made. A server may have it meanwhile. The copy is a folder for
serve --data.`,
		Args: usageArgs(cobra.ExactArgs(2)),
		RunE: func(_ *cobra.Command, args []string) error {
			from, err := inFolder(args[0])
			if err != nil {
				return err
			}
			to, err := wal.Dir(args[1])
			if err != nil {
				return err
			}
			if err := wal.Backup(from, to); err != nil {
				return &stateError{err: dataHint(args[0], err)}
			}
			return nil
		},
	}
}

func dataExport(ui *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "export FOLDER FILE",
		Short: "Write what it has as a snapshot",
		Long:  `Write all queues of the folder to a file that serve --snapshot starts with. The folder stays as it is.`,
		Args:  usageArgs(cobra.ExactArgs(2)),
		RunE: func(_ *cobra.Command, args []string) error {
			if _, err := inFolder(args[0]); err != nil {
				return err
			}
			info, err := exportData(args[0], args[1])
			if err != nil {
				return &stateError{err: dataHint(args[0], err)}
			}
			ui.say("%d queues, %d items", info.Objects, info.Items)
			return nil
		},
	}
}

// offline makes a server that nobody will ask, over a store.
func offline(store *durable.Store) (*server.Server, error) {
	return server.New(&server.Options{Authkey: generateKey(), Journals: store})
}

func exportData(folder, file string) (info managers.SnapshotInfo, err error) {
	store, err := durable.Open(folder, nil)
	if err != nil {
		return info, err
	}
	defer store.Close()
	srv, err := offline(store)
	if err != nil {
		return info, err
	}
	defer srv.Close()
	if err := offerAll(srv, store); err != nil {
		return info, err
	}
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return info, err
	}
	info, err = srv.Snapshot(out, &server.SnapshotOptions{Durable: true})
	return info, errors.Join(err, out.Sync(), out.Close())
}

// offerAll offers the queues of a store.
func offerAll(srv *server.Server, store *durable.Store) error {
	families := map[string]bool{}
	for _, name := range store.Names() {
		if _, ok := durable.ObjectName(name); ok {
			return fmt.Errorf("it has an object called %q: a folder with what is no queue cannot become a snapshot", shownName(name))
		}
		base := baseName(name)
		if base == name {
			if _, err := srv.RegisterQueue(name, &queue.Options{Order: store.Order(name)}); err != nil {
				return err
			}
			continue
		}
		if !families[base] {
			families[base] = true
			if err := srv.RegisterQueueFamily(base, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func dataImport(ui *ui) *cobra.Command {
	var queuesOnly bool
	cmd := &cobra.Command{
		Use:   "import FOLDER FILE",
		Short: "Make it of a snapshot",
		Long: `Make a folder for serve --data of a file that serve --snapshot wrote. No server has had the folder before. The
file stays as it is.`,
		Args: usageArgs(cobra.ExactArgs(2)),
		RunE: func(_ *cobra.Command, args []string) error {
			info, err := importData(args[0], args[1], queuesOnly)
			if err != nil {
				return &stateError{err: dataHint(args[0], err)}
			}
			ui.say("%d items", info.Items)
			return nil
		},
	}
	cmd.Flags().BoolVar(&queuesOnly, "queues-only", false, "leave out dicts, lists and the like, which no folder can have")
	return cmd
}

var errUsed = errors.New("a server has had the folder: what it holds would be lost")

func importData(folder, file string, queuesOnly bool) (info managers.SnapshotInfo, err error) {
	in, err := os.Open(file)
	if err != nil {
		return info, err
	}
	defer in.Close()
	objects, err := server.SnapshotObjects(in)
	if err != nil {
		return info, err
	}
	if _, err := in.Seek(0, 0); err != nil {
		return info, err
	}
	store, err := durable.Open(folder, nil)
	if err != nil {
		return info, err
	}
	defer store.Close()
	if store.Used() {
		return info, errUsed
	}
	srv, err := offline(store)
	if err != nil {
		return info, err
	}
	defer srv.Close()
	only, err := offerObjects(srv, objects, queuesOnly)
	if err != nil {
		return info, err
	}
	if info, err = srv.Restore(in, &server.RestoreOptions{Only: only}); err != nil {
		return info, err
	}
	store.Use()
	return info, store.Sync()
}

// offerObjects offers the queues of a snapshot, and returns their names.
func offerObjects(srv *server.Server, objects []server.SnapshotObject, queuesOnly bool) (only []string, err error) {
	families, offered := map[string]bool{}, map[string]bool{}
	for _, o := range objects {
		families[o.Typeid] = families[o.Typeid] || o.Member != ""
	}
	only = []string{}
	for _, o := range objects {
		var order queue.Order
		if n, _ := fmt.Sscanf(o.Kind, "queue %d", &order); n == 0 {
			if !queuesOnly {
				return nil, fmt.Errorf("the snapshot has a %s called %q, which no folder can have: see --queues-only", o.Kind, o.Typeid)
			}
			continue
		}
		only = append(only, o.Name())
		switch {
		case offered[o.Typeid]:
		case families[o.Typeid]:
			err = srv.RegisterQueueFamily(o.Typeid, nil)
		default:
			_, err = srv.RegisterQueue(o.Typeid, &queue.Options{Order: order})
		}
		offered[o.Typeid] = true
		if err != nil {
			return nil, err
		}
	}
	return only, nil
}
