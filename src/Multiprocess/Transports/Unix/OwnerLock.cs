using System.Globalization;
using System.Text;
using Multiprocess.Native;

namespace Multiprocess.Transports.Unix;

/// <summary>The right to replace and remove what is at a path, held by at most one listener of all processes.</summary>
/// <remarks>
/// <para>
/// An flock on a file beside the path, with a name that nothing else has: <c>.calc.sock.ipc-lock</c> for
/// <c>calc.sock</c>. The lock goes with the process however that ends, so it is never stale; the file is never deleted,
/// because deleting it would let two processes lock two files of one name.
/// </para>
/// <para>
/// What is there already is opened as it is and looked at before anything is written: a file that is not ours by type,
/// owner, links or contents is refused, and nothing in it changes.
/// </para>
/// </remarks>
internal sealed unsafe class OwnerLock : IDisposable
{
    private const uint OwnerOnly = 0b110_000_000;

    // All lock files are equally long, so that one is written over without being emptied first.
    private const string FirstLine = "multiprocess lock 1\n";
    private const int NumberWidth = 10;
    private const int ContentsBytes = 20 + NumberWidth + 1;

    // Another process may make the file, or somebody take it away, between two steps. More often is no accident.
    private const int Attempts = 16;

    private readonly NativeHandle _file;

    private OwnerLock(NativeHandle file) => _file = file;

    /// <summary>The lock file of a path.</summary>
    public static string PathFor(string path)
        => Path.Combine(Path.GetDirectoryName(path) ?? string.Empty, $".{Path.GetFileName(path)}.ipc-lock");

    /// <summary>Takes the lock, or says who has it.</summary>
    /// <exception cref="IpcException">Somebody has it, or the lock file cannot be used.</exception>
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

            // A file that was taken away meanwhile locks nothing: the next process would make another one.
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

    /// <summary>Whether a lock file of this user is beside a path. Looks only: whoever holds the lock, or takes it now, is not disturbed.</summary>
    public static bool IsBeside(string path)
    {
        string lockPath = PathFor(path);
        if (NativeFiles.Look(lockPath, out FileIdentity found) != 0 || !found.IsRegularFile)
        {
            return false;
        }

        int descriptor = NativeFiles.Open(lockPath, NativeFiles.ReadOnly | NativeFiles.CloseOnExec | NativeFiles.NoFollow | NativeFiles.NonBlocking, 0);
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

    /// <summary>The failure to listen on a path.</summary>
    public static IpcException Unavailable(string path, string reason) =>
        new(IpcErrorKind.AddressUnavailable, $"Cannot listen on '{path}': {reason}");

    private static NativeHandle Open(string path, string lockPath, out bool isNew)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            // Looked at before it is opened: opening a device or a pipe can have effects of its own.
            int error = NativeFiles.Look(lockPath, out FileIdentity found);
            if (error == 0 && !found.IsRegularFile)
            {
                throw Unavailable(path, $"its lock file '{lockPath}' is not a regular file; it is left alone.");
            }

            isNew = error == Errno.NoEntry;
            int flags = NativeFiles.ReadWrite | NativeFiles.CloseOnExec | NativeFiles.NoFollow | NativeFiles.NonBlocking;
            int descriptor = NativeFiles.Open(lockPath, isNew ? flags | NativeFiles.Create | NativeFiles.Exclusive : flags, OwnerOnly);
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

    /// <summary>Whether the file may be written over. An empty one may be locked only: who made it is unknown, and may have been we.</summary>
    private static bool LooksLikeOurs(NativeHandle file, string path, string lockPath)
    {
        int error = NativeFiles.Look(file.Descriptor, out NativeFiles.StatusBuffer status);
        if (error != 0)
        {
            throw Unavailable(path, $"looking at its lock file '{lockPath}' failed: {Errno.Describe(error)}.");
        }

        string? wrong = !FileIdentity.From(status).IsRegularFile ? "is not a regular file"
            : status.UserId != NativeUser.EffectiveUserId() ? string.Create(CultureInfo.InvariantCulture, $"belongs to user {status.UserId}")
            : status.Links != 1 ? string.Create(CultureInfo.InvariantCulture, $"has {status.Links} names")
            : status.Length != 0 && (status.Length != ContentsBytes || ReadNumber(file) is null) ? "holds something else"
            : null;
        return wrong is null ? status.Length != 0 : throw Unavailable(path, $"its lock file '{lockPath}' {wrong}; it is left alone.");
    }

    // The number is for the reader of an error only. Failing to write it costs nothing else.
    private static void WriteOwner(NativeHandle file)
    {
        byte[] text = Encoding.ASCII.GetBytes(FirstLine + Environment.ProcessId.ToString(CultureInfo.InvariantCulture).PadLeft(NumberWidth) + "\n");
        fixed (byte* start = text)
        {
            _ = NativeFiles.Write(file, start, (nuint)text.Length, 0);
        }
    }

    private static string ReadOwner(NativeHandle file)
        => ReadNumber(file) is { } id ? string.Create(CultureInfo.InvariantCulture, $"process {id}") : "another process";

    /// <summary>The process that wrote the file; null when its contents are not those of a lock file.</summary>
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
                && int.TryParse(contents.AsSpan(FirstLine.Length, NumberWidth), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out int id)
                ? id
                : null;
        }
    }
}
