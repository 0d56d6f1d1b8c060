using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Microsoft.Win32.SafeHandles;

namespace Bitcoin.Node;

/// <summary>
/// The files that the node opens for a confined child: its log, and the files that a running command names. Any thread
/// may call.
/// </summary>
/// <param name="log">The path of the log.</param>
internal sealed class ChildFiles(string log)
{
    private readonly Lock _gate = new();

    // Guarded by the gate: how many running commands name a file, and the files that were opened for them.
    private readonly Dictionary<(string Path, bool IsNew), int> _named = [];
    private readonly List<FileStream> _opened = [];

    /// <summary>Opens the log. The node's own handle is closed by the garbage collector: the answer needs it.</summary>
    internal SafeFileHandle OpenLog() => AppendedFile.Open(log);

    /// <summary>Opens a file that a running command names.</summary>
    internal SafeFileHandle OpenNamed(string path, bool isNew)
    {
        lock (_gate)
        {
            if (!_named.ContainsKey((path, isNew)))
            {
                throw new UnauthorizedAccessException($"No running command names the file '{path}'.");
            }

            FileStream opened = isNew
                ? PrivateFiles.Create(path)
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            _opened.Add(opened);
            return opened.SafeFileHandle;
        }
    }

    /// <summary>Allows the child to open the file that a command names, until the result is disposed.</summary>
    /// <returns>Null for a command that names none.</returns>
    internal IDisposable? Grant(RpcCall call)
    {
        (int place, bool isNew)? named = call.Method switch
        {
            "backupwallet" or "exportwatchonlywallet" => (0, true),
            "restorewallet" => (1, false),
            _ => null,
        };
        return named is var (index, writes) && call.Params.ElementAtOrDefault(index) is { } path
            ? new Granted(this, (path.ToString(), writes))
            : null;
    }

    private sealed class Granted : IDisposable
    {
        private readonly ChildFiles _files;
        private readonly (string Path, bool IsNew) _named;

        internal Granted(ChildFiles files, (string Path, bool IsNew) named)
        {
            _files = files;
            _named = named;
            lock (files._gate)
            {
                files._named[named] = files._named.GetValueOrDefault(named) + 1;
            }
        }

        public void Dispose()
        {
            lock (_files._gate)
            {
                if (--_files._named[_named] == 0)
                {
                    _files._named.Remove(_named);
                }

                if (_files._named.Count == 0)
                {
                    _files._opened.ForEach(static file => file.Dispose());
                    _files._opened.Clear();
                }
            }
        }
    }
}
