using System.Globalization;
using System.Text;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Tool.Servers;

/// <summary>Finds the sockets of this user's servers, without connecting to any of them.</summary>
/// <remarks>
/// A server keeps a lock file beside its socket, with a name and a content that nothing else has. Only sockets with
/// such a file count as servers, so no program that speaks another protocol is asked. A socket that a service manager
/// created has no lock file; give its address instead. The kernel's table lists a socket under the name to which it was
/// bound, and a server binds it under a temporary name. But the server's process keeps the lock file open, and the path
/// of that file leads to the socket.
/// </remarks>
internal static class ServerFinder
{
    /// <summary>Most servers to list.</summary>
    public const int Most = 1_000;

    private const string SocketTable = "/proc/net/unix";

    // In the kernel's flags: the socket listens.
    private const int Listens = 0x10000;

    private const string LockSuffix = ".ipc-lock";

    // A process may have a million descriptors.
    private const int MostDescriptors = 20_000;

    /// <summary>The paths of the sockets on which servers of this user listen.</summary>
    /// <param name="directories">
    /// Further directories to search, for servers in another mount or network namespace.
    /// </param>
    /// <exception cref="InputException">A directory cannot be read.</exception>
    public static IReadOnlyList<string> Find(IEnumerable<string> directories)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        string[] named = [.. directories.SelectMany(InDirectory)];
        foreach (string path in LockedPaths().Concat(ListeningSockets()).Concat(RuntimeDirectory()).Concat(named))
        {
            if (found.Count == Most)
            {
                break;
            }

            if (IsServers(path))
            {
                found.Add(path);
            }
        }

        return [.. found];
    }

    /// <summary>The paths of the sockets on which a process listens.</summary>
    /// <exception cref="NoServerException">The process does not exist, or belongs to another user.</exception>
    public static IReadOnlyList<string> OfProcess(int process)
    {
        string[] links;
        try
        {
            links = [.. Descriptors(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd"))];
        }
        catch (DirectoryNotFoundException exception)
        {
            throw new NoServerException($"Process {process}: Expected a process that runs, got none.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new NoServerException(
                $"Process {process}: Expected a process of this user, got another one's. {exception.Message}",
                exception);
        }

        HashSet<string> inodes =
            [
                .. links.Where(
                    link => link.StartsWith("socket:[", StringComparison.Ordinal)).Select(link => link[8..^1]),
            ];
        return
        [
            .. links.Select(SocketOf).OfType<string>()
                .Concat(
                    Entries().Where(entry => entry.Listens && inodes.Contains(entry.Inode)).Select(entry => entry.Path))
                .Where(path => File.Exists(path) && !IsOfRuntime(path)).Distinct(),
        ];
    }

    /// <summary>Every .NET process listens for debuggers and profilers.</summary>
    private static bool IsOfRuntime(string path)
        => Path.GetFileName(path).StartsWith("dotnet-diagnostic-", StringComparison.Ordinal);

    /// <summary>The paths of the lock files that processes of this user have open.</summary>
    private static IEnumerable<string> LockedPaths()
    {
        string[] processes = Directory.Exists("/proc")
            ? [.. Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0]))]
            : [];
        foreach (string process in processes)
        {
            string[] paths;
            try
            {
                paths = [.. Descriptors(Path.Combine(process, "fd")).Select(SocketOf).OfType<string>()];
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The process belongs to another user, or has ended.
                continue;
            }

            foreach (string path in paths)
            {
                yield return path;
            }
        }
    }

    private static IEnumerable<string> Descriptors(string directory)
        => Directory.EnumerateFileSystemEntries(directory)
            .Take(MostDescriptors)
            .Select(file => new FileInfo(file).LinkTarget ?? "");

    /// <summary>The socket of a lock file; null for any other file.</summary>
    private static string? SocketOf(string path)
        => path.EndsWith(LockSuffix, StringComparison.Ordinal)
            && Path.GetFileName(path) is ['.', ..] and { Length: > 10 } name
            ? Path.Combine(Path.GetDirectoryName(path)!, name[1..^LockSuffix.Length])
            : null;

    private static IEnumerable<string> ListeningSockets()
        => Entries().Where(entry => entry.Listens).Select(entry => entry.Path);

    /// <summary>
    /// The fields of the kernel's table: number, references, protocol, flags, type, state, inode, path.
    /// </summary>
    private static IEnumerable<(string Path, bool Listens, string Inode)> Entries()
    {
        if (!File.Exists(SocketTable))
        {
            yield break;
        }

        foreach (string line in File.ReadLines(SocketTable).Skip(1))
        {
            string[] parts = line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length == 8 && parts[7].StartsWith('/')
                && int.TryParse(parts[3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int flags))
            {
                yield return (parts[7], (flags & Listens) != 0, parts[6]);
            }
        }
    }

    private static IEnumerable<string> RuntimeDirectory()
    {
        string? runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        return string.IsNullOrEmpty(runtime) || !Directory.Exists(runtime) ? [] : InDirectory(runtime);
    }

    private static IEnumerable<string> InDirectory(string directory)
    {
        try
        {
            var options = new EnumerationOptions
            {
                RecurseSubdirectories = true,
                MaxRecursionDepth = 3,
                IgnoreInaccessible = true,
                AttributesToSkip = FileAttributes.ReparsePoint,
            };
            return
            [
                .. Directory.EnumerateFiles(directory, $".*{LockSuffix}", options)
                    .Take(10 * Most)
                    .Select(file => SocketOf(Path.GetFullPath(file)))
                    .OfType<string>(),
            ];
        }
        catch (DirectoryNotFoundException exception)
        {
            throw new InputException($"{IpcText.Escape(directory)}: Expected a directory, got none.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{IpcText.Escape(directory)}: {exception.Message}", exception);
        }
    }

    private static bool IsServers(string path)
        => File.Exists(path) && Encoding.UTF8.GetByteCount(path) <= IpcAddress.MaxPathBytes && OwnerLock.IsBeside(path);
}
