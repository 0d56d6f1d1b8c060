using System.Globalization;
using System.Text;
using Multiprocess.Native;

namespace Multiprocess.Transports.Unix;

/// <summary>
/// The right to replace and remove the socket at a path, held by at most one listener of all processes.
/// </summary>
/// <remarks>
/// <para>
/// A lock (flock) on a file next to the path with a reserved name: <c>.calc.sock.ipc-lock</c> for <c>calc.sock</c>. The
/// system releases the lock when the process ends, however it ends, so the lock is never stale. The file is never
/// deleted: otherwise two processes could lock two files of the same name.
/// </para>
/// <para>
/// An existing file is opened unchanged and checked before anything is written: a file with an unexpected type, owner,
/// number of links or content is refused and not changed.
/// </para>
/// </remarks>
internal sealed unsafe class OwnerLock : IDisposable
{
    private const uint OwnerOnly = 0b110_000_000;

    // All lock files have the same length, so that a file can be overwritten without truncating it first.
    private const string FirstLine = "multiprocess lock 1\n";
    private const int NumberWidth = 10;
    private const int ContentsBytes = 20 + NumberWidth + 1;

    // Another process may create or delete the file between two steps. More repetitions than this are not a
    // coincidence.
    private const int Attempts = 16;

    private readonly NativeHandle _file;

    private OwnerLock(NativeHandle file) => _file = file;

    /// <summary>The path of the lock file for a socket's path.</summary>
    public static string PathFor(string path)
        => Path.Combine(Path.GetDirectoryName(path) ?? string.Empty, $".{Path.GetFileName(path)}.ipc-lock");

    /// <summary>Takes the lock, or throws and names its holder.</summary>
    /// <exception cref="IpcException">Another process holds the lock, or the lock file cannot be used.</exception>
    public static OwnerLock Take(string path)
    {
        string lockPath = PathFor(path);
        NativeHandle file = Open(path, lockPath, out bool isNew);
        try
        {
            bool isOurs = isNew || LooksLikeOurs(file, path, lockPath);
            if (NativeFiles.Lock(file, NativeFiles.LockExclusive | NativeFiles.LockNonBlocking) != 0)
            {
                int error = Errno.Last;
                throw Unavailable(path, error == Errno.TryAgain
                    ? $"{ReadOwner(file)} listens on it."
                    : $"its lock file '{lockPath}' cannot be locked: {Errno.Describe(error)}.");
            }

            // A file that was deleted meanwhile locks nothing: the next process would create another one.
            if (NativeFiles.Look(file.Descriptor, out FileIdentity locked) != 0
                || NativeFiles.Look(lockPath, out FileIdentity there) != 0
                || locked != there)
            {
                throw Unavailable(path, $"its lock file '{lockPath}' was replaced while it was locked.");
            }

            if (isOurs)
            {
                WriteOwner(file);
            }

            return new OwnerLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether a lock file of this user exists for a path. Only reads it, and does not affect the holder of the lock.
    /// </summary>
    public static bool IsBeside(string path)
    {
        string lockPath = PathFor(path);
        if (NativeFiles.Look(lockPath, out FileIdentity found) != 0 || !found.IsRegularFile)
        {
            return false;
        }

        const int flags = NativeFiles.ReadOnly | NativeFiles.CloseOnExec | NativeFiles.NonBlocking;
        int descriptor = NativeFiles.Open(lockPath, flags | NativeFiles.NoFollow, 0);
        if (descriptor < 0)
        {
            return false;
        }

        using var file = new NativeHandle(descriptor);
        return NativeFiles.Look(descriptor, out NativeFiles.StatusBuffer status) == 0
            && status.UserId == NativeUser.EffectiveUserId()
            && ReadNumber(file) is not null;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Creates the exception for a path that cannot be listened on.</summary>
    public static IpcException Unavailable(string path, string reason) =>
        new(IpcErrorKind.AddressUnavailable, $"Cannot listen on '{path}': {reason}");

    private static NativeHandle Open(string path, string lockPath, out bool isNew)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            // Checked before it is opened: opening a device or a pipe can have side effects.
            int error = NativeFiles.Look(lockPath, out FileIdentity found);
            if (error == 0 && !found.IsRegularFile)
            {
                throw Unavailable(path, $"its lock file '{lockPath}' is not a regular file; it is left alone.");
            }

            isNew = error == Errno.NoEntry;
            int flags =
                NativeFiles.ReadWrite | NativeFiles.CloseOnExec | NativeFiles.NoFollow | NativeFiles.NonBlocking;
            int descriptor = NativeFiles.Open(
                lockPath, isNew ? flags | NativeFiles.Create | NativeFiles.Exclusive : flags, OwnerOnly);
            if (descriptor >= 0)
            {
                return new NativeHandle(descriptor);
            }

            error = Errno.Last;
            if (error is not (Errno.Exists or Errno.NoEntry or Errno.Interrupted) || (isNew && error == Errno.NoEntry))
            {
                throw Unavailable(path, $"its lock file '{lockPath}' cannot be opened: {Errno.Describe(error)}.");
            }
        }

        throw Unavailable(path, $"its lock file '{lockPath}' comes and goes.");
    }

    /// <summary>
    /// Whether the file may be overwritten. An empty file is only locked: its creator is unknown, and may have been
    /// this library.
    /// </summary>
    private static bool LooksLikeOurs(NativeHandle file, string path, string lockPath)
    {
        int error = NativeFiles.Look(file.Descriptor, out NativeFiles.StatusBuffer status);
        if (error != 0)
        {
            throw Unavailable(path, $"looking at its lock file '{lockPath}' failed: {Errno.Describe(error)}.");
        }

        string? wrong = !FileIdentity.From(status).IsRegularFile ? "is not a regular file"
            : status.UserId != NativeUser.EffectiveUserId()
                ? string.Create(CultureInfo.InvariantCulture, $"belongs to user {status.UserId}")
            : status.Links != 1 ? string.Create(CultureInfo.InvariantCulture, $"has {status.Links} names")
            : status.Length != 0 && (status.Length != ContentsBytes || ReadNumber(file) is null)
                ? "holds something else"
            : null;
        return wrong is null
            ? status.Length != 0
            : throw Unavailable(path, $"its lock file '{lockPath}' {wrong}; it is left alone.");
    }

    // The number only serves error messages; a failed write is harmless.
    private static void WriteOwner(NativeHandle file)
    {
        byte[] text = Encoding.ASCII.GetBytes(
            FirstLine + Environment.ProcessId.ToString(CultureInfo.InvariantCulture).PadLeft(NumberWidth) + "\n");
        fixed (byte* start = text)
        {
            _ = NativeFiles.Write(file, start, (nuint)text.Length, 0);
        }
    }

    private static string ReadOwner(NativeHandle file)
        => ReadNumber(file) is { } id
            ? string.Create(CultureInfo.InvariantCulture, $"process {id}")
            : "another process";

    /// <summary>The process that wrote the file; null when it does not have the content of a lock file.</summary>
    private static int? ReadNumber(NativeHandle file)
    {
        Span<byte> text = stackalloc byte[ContentsBytes + 1];
        fixed (byte* start = text)
        {
            nint length = NativeFiles.Read(file, start, (nuint)text.Length, 0);
            return length == ContentsBytes
                && Encoding.ASCII.GetString(text[..ContentsBytes]) is var contents
                && contents.StartsWith(FirstLine, StringComparison.Ordinal)
                && contents[^1] == '\n'
                && int.TryParse(
                    contents.AsSpan(FirstLine.Length, NumberWidth),
                    NumberStyles.AllowLeadingWhite,
                    CultureInfo.InvariantCulture,
                    out int id)
                ? id
                : null;
        }
    }
}
