// Package files is how processes exchange data by files that others write or read at the same time: logs of one line a
// record, and files that are replaced whole. Python's side is its standard library.
//
//	log, err := files.OpenAppender("/var/log/jobs", nil)       // Python: open(path, 'ab', buffering=0).write(line)
//	err = log.Append([]byte(`{"job": 1}`))
//
//	follower, err := files.Follow("/var/log/jobs", nil)        // like tail -F
//	record, err := follower.Next(ctx)
//
//	err = files.Replace("/srv/state.json", data, nil)          // Python: os.replace(temporary, path)
//	watcher, err := files.Watch("/srv/state.json", nil)
//	data, err := watcher.Next(ctx)
//
// # What readers see
//
// A record is appended in one write, which the system puts at the end of the file whole, whatever others write at the
// same time; on a local file system, that is. A file that is replaced is at each moment the old one or the new one. Who
// writes into a file in place, which this package never does, has readers see parts of both.
//
// # Waiting
//
// A Follower and a Watcher are told of changes by inotify on Linux, and look once a second anyway, for network file systems
// tell nothing. On other systems they look every 50 ms. Neither has a goroutine of its own.
package files
