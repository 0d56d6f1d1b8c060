using System.Diagnostics.CodeAnalysis;

namespace Bitcoin.Hosting;

/// <summary>The values of -ipcbind and -ipcconnect.</summary>
public static class SocketOption
{
    /// <summary>The value that means: connect if a node is there.</summary>
    public const string Auto = "auto";

    private const string Scheme = "unix";
    private const string NodeSocket = "node.sock";

    /// <summary>Whether the value means that there is no socket.</summary>
    public static bool IsNone([NotNullWhen(false)] string? value) => value is null or "0";

    /// <summary>The canonical form of a value: "unix:" and an absolute path.</summary>
    /// <param name="value">"unix", "unix:" or nothing for the usual socket of the node; "unix:" and a path, relative to the directory or absolute.</param>
    /// <param name="directory">The network's data directory.</param>
    /// <param name="address">The result.</param>
    /// <param name="error">What is wrong, for the user.</param>
    public static bool TryResolve(
        string value,
        string directory,
        [NotNullWhen(true)] out string? address,
        [NotNullWhen(false)] out string? error)
    {
        string path = value.StartsWith(Scheme + ":", StringComparison.Ordinal) ? value[(Scheme.Length + 1)..] : "";
        if (path.Length == 0 && value is not ("" or "1" or Scheme or Scheme + ":" or Auto))
        {
            address = null;
            error = $"Unrecognized address '{value}': expected unix or unix:<path>.";
            return false;
        }

        address = $"{Scheme}:{Path.GetFullPath(path.Length == 0 ? NodeSocket : path, directory)}";
        error = null;
        return true;
    }
}
