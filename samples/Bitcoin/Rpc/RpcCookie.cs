using System.Security.Cryptography;

namespace Bitcoin.Rpc;

/// <summary>The password that a server leaves in a file for clients of the same user.</summary>
public static class RpcCookie
{
    /// <summary>The file's name in the network's data directory.</summary>
    public const string FileName = ".cookie";

    private const string User = "__cookie__";
    private const int SecretBytes = 32;

    /// <summary>Makes a new one, readable by nobody else from its first instant.</summary>
    /// <param name="path">The file.</param>
    /// <param name="readers">Who may read it.</param>
    /// <returns>User and password, with a colon between them.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static string Create(string path, UnixFileMode readers = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        string credentials = $"{User}:{RandomNumberGenerator.GetHexString(2 * SecretBytes, lowercase: true)}";
        string unfinished = path + ".tmp";
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        File.Delete(unfinished);
        using (StreamWriter writer = new(unfinished, options))
        {
            writer.Write(credentials);
        }

        if (!OperatingSystem.IsWindows())
        {
            // Whatever the mask of the process takes away.
            File.SetUnixFileMode(unfinished, readers);
        }

        File.Move(unfinished, path, overwrite: true);
        return credentials;
    }

    /// <summary>User and password; null when there is no such file.</summary>
    public static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
