using System.Security.Cryptography;

namespace Bitcoin.Rpc;

/// <summary>The password that a server writes to a file for clients of the same user.</summary>
public static class RpcCookie
{
    /// <summary>The file's name in the network's data directory.</summary>
    public const string FileName = ".cookie";

    private const string User = "__cookie__";
    private const int SecretBytes = 32;

    /// <summary>Creates a cookie. Its file is protected from its first moment.</summary>
    /// <param name="path">The file.</param>
    /// <param name="readers">Who may read it.</param>
    /// <returns>User and password, separated by a colon.</returns>
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
            // The umask of the process may have removed permissions.
            File.SetUnixFileMode(unfinished, readers);
        }

        File.Move(unfinished, path, overwrite: true);
        return credentials;
    }

    /// <summary>User and password; null if there is no such file.</summary>
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
