using System.Runtime.Versioning;

namespace Multiprocess.Stress.Siege;

/// <summary>
/// A user that has no other processes, so that a limit on threads can be set for one of them. Only the super-user can
/// become it.
/// </summary>
internal static class Nobody
{
    private const UnixFileMode ForAll = UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const UnixFileMode OfCopy =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | ForAll;

    /// <summary>
    /// What runs a program as this user. Not the last user of all: that one stands for those without a name, and is
    /// never let in.
    /// </summary>
    /// <param name="program">The program's path. Its folder is copied if this user cannot enter it.</param>
    public static string[] Command(string program)
        => ["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups", Reachable(program)];

    private static string Reachable(string program)
    {
        if (OperatingSystem.IsWindows())
        {
            return program;
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(program))!;
        for (DirectoryInfo? above = new(folder); above is not null; above = above.Parent)
        {
            if ((above.UnixFileMode & ForAll) != ForAll)
            {
                return Path.Combine(Copy(folder), Path.GetFileName(program));
            }
        }

        return program;
    }

    [UnsupportedOSPlatform("windows")]
    private static string Copy(string folder)
    {
        DirectoryInfo copy = Directory.CreateTempSubdirectory("nobody-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => copy.Delete(recursive: true);
        copy.UnixFileMode = OfCopy;
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            string copied = Path.Combine(copy.FullName, Path.GetFileName(file));
            File.Copy(file, copied);
            File.SetUnixFileMode(copied, File.GetUnixFileMode(file) | UnixFileMode.OtherRead);
        }

        return copy.FullName;
    }
}
