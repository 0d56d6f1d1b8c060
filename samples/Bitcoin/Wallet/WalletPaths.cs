using Bitcoin.Hosting;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Storage;

namespace Bitcoin.Wallet;

/// <summary>The paths of wallets by name.</summary>
internal sealed class WalletPaths(string directory, NetworkParameters network)
{
    /// <summary>The prefix of the directories of unfinished wallets.</summary>
    internal const string Unfinished = ".unfinished-";

    private const int MaxDepth = 16;

    internal string Directory => directory;

    /// <summary>The directory of a wallet.</summary>
    /// <param name="name">
    /// Its name: a path, relative to the directory of wallets or absolute; empty for that directory itself.
    /// </param>
    /// <param name="path">The directory.</param>
    /// <param name="error">Why the name has no path, in Bitcoin Core's words.</param>
    internal bool TryFind(string name, out string path, out string error)
    {
        path = "";
        error = "";
        string[] parts = name.Split('/');
        if (!IsFit(parts))
        {
            error = $"Wallet name must be a file name, not '{LineText.Escape(name)}'.";
        }
        else if (name.Length > 1 && Normalize(name) != name)
        {
            error = "Wallet name given as a path must be normalized";
        }
        else if (parts[0] is "." or "..")
        {
            error =
                "Wallet name given as a relative path cannot begin with ./ or ../, for wallets not in the walletdir, "
                    + "please use an absolute path.";
        }
        else if (name == "/")
        {
            error = "Wallet name cannot be the root path";
        }

        if (error.Length > 0)
        {
            return false;
        }

        path = Path.Combine(directory, name);
        if (path.Length > 1)
        {
            path = path.TrimEnd('/');
        }

        FileSystemInfo? there = Entry(path);
        bool isFit = there is null
            || System.IO.Directory.Exists(path)
            || (there.LinkTarget is null && IsRegular(path) && !name.Contains('/', StringComparison.Ordinal));
        if (!isFit)
        {
            error =
                $"Invalid -wallet path '{name}'. -wallet path should point to a directory where wallet.dat and "
                    + $"database/log.?????????? files can be stored, a location where such a directory could be "
                    + $"created, "
                + $"or (for backwards compatibility) the name of an existing data file in -walletdir (\"{directory}\")";
        }

        return isFit;
    }

    /// <summary>Whether a path is the directory of wallets or inside it.</summary>
    internal bool Contains(string path) => RealPath.IsWithin(path, directory);

    /// <summary>The names of the wallets in the directory.</summary>
    /// <param name="report">Called with a text for a directory that cannot be read.</param>
    internal List<(string Name, string Format)> List(Action<string> report)
    {
        List<(string, string)> found = [];
        if (System.IO.Directory.Exists(directory))
        {
            Look(directory, "", 0, found, report);
        }

        return found;
    }

    /// <summary>
    /// Whether a name can be the name of a file. A name with U+FFFD comes from bytes that are not text, and is
    /// ambiguous. Control characters are allowed: logs and errors escape names.
    /// </summary>
    internal static bool IsFit(IEnumerable<string> parts)
    {
        return parts.All(
            static part => part.Length == 0 || (!part.Contains('\0', StringComparison.Ordinal)
                && !part.Contains('\ufffd', StringComparison.Ordinal)
                && !part.StartsWith(Unfinished, StringComparison.Ordinal)));
    }

    internal bool IsWallet(string path)
        => WalletDatabase.IsWallet(Path.Combine(path, WalletDatabase.FileName), network.Magic);

    /// <summary>
    /// Whether a path has a wallet of the format before descriptors, of Bitcoin Core or of this program.
    /// </summary>
    internal static bool IsLegacy(string path)
    {
        string file = IsRegular(path) ? path : Path.Combine(path, WalletDatabase.FileName);
        return IsBerkeley(file) || OldWalletFile.TryRead(file) is not null;
    }

    private void Look(string path, string name, int depth, List<(string, string)> found, Action<string> report)
    {
        try
        {
            // A link may lead to itself.
            if (new FileInfo(Path.Combine(path, WalletDatabase.FileName)) is { LinkTarget: not null } link)
            {
                link.ResolveLinkTarget(returnFinalTarget: true);
            }

            if (IsWallet(path))
            {
                found.Add((name, "sqlite"));
            }
            else if (IsLegacy(path))
            {
                found.Add((name, "bdb"));
            }

            if (depth == 0)
            {
                foreach (string file in System.IO.Directory.EnumerateFiles(path).Order(StringComparer.Ordinal))
                {
                    if (Path.GetFileName(file) != WalletDatabase.FileName
                        && Path.GetExtension(file) != ".bak"
                        && IsRegular(file)
                        && new FileInfo(file).LinkTarget is null
                        && IsBerkeley(file))
                    {
                        found.Add((Path.GetFileName(file), "bdb"));
                    }
                }
            }

            foreach (string child in System.IO.Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal))
            {
                string own = Path.GetFileName(child);
                bool isLink = new DirectoryInfo(child).LinkTarget is not null;
                if (depth < MaxDepth && !own.StartsWith(Unfinished, StringComparison.Ordinal))
                {
                    Look(child, name.Length == 0 ? own : $"{name}/{own}", isLink ? MaxDepth : depth + 1, found, report);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A directory that cannot be read has no wallet of this program. A confined process cannot follow a link to
            // the outside.
            if (new DirectoryInfo(path).LinkTarget is null)
            {
                report(
                    depth == 0
                        ? $"Error scanning directory entries under {path}: {exception.Message}"
                        : $"Error while scanning wallet dir item: {exception.Message} [{path}].");
            }
        }
    }

    private static bool IsBerkeley(string file)
    {
        const int MagicAt = 12;
        const int PageBytes = 4096;
        try
        {
            FileInfo info = new(file);
            if (!info.Exists || info.Length < PageBytes)
            {
                return false;
            }

            using FileStream stream = info.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            Span<byte> head = stackalloc byte[MagicAt + sizeof(uint)];
            stream.ReadExactly(head);
            uint magic = BitConverter.ToUInt32(head[MagicAt..]);
            return magic is 0x00053162 or 0x62310500;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Normalize(string name)
    {
        bool isRooted = name[0] == '/';
        List<string> parts = [];
        string[] given = name.Split('/');
        foreach (string part in given)
        {
            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part.Length > 0 && part != "." && !(part == ".." && isRooted))
            {
                parts.Add(part);
            }
        }

        string end = given[^1].Length == 0 && parts.Count > 0 && parts[^1] != ".." ? "/" : "";
        return isRooted || parts.Count > 0 ? (isRooted ? "/" : "") + string.Join('/', parts) + end : ".";
    }

    private static FileSystemInfo? Entry(string path)
    {
        FileInfo file = new(path);
        return file.Exists || System.IO.Directory.Exists(path) || file.LinkTarget is not null ? file : null;
    }

    private static bool IsRegular(string path) => File.Exists(path) && !System.IO.Directory.Exists(path);
}
