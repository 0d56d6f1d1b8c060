using System.Globalization;
using System.Text;
using Multiprocess.Native;

namespace Multiprocess.Transports.Unix;

/// <summary>The right to replace and remove what is at a path, held by at most one listener of all processes.</summary>
/// <remarks>
/// An flock on a file beside the path. It goes with the process however that ends, so it is never stale; the file is
/// never deleted, because deleting it would let two processes lock two files of one name.
/// </remarks>
internal sealed unsafe class OwnerLock : IDisposable
{
    private const uint OwnerOnly = 0b110_000_000;

    private readonly NativeHandle _file;

    private OwnerLock(NativeHandle file) => _file = file;

    /// <summary>Takes the lock, or says who has it.</summary>
    /// <exception cref="IpcException">Somebody has it, or the lock file cannot be used.</exception>
    public static OwnerLock Take(string path)
    {
        string lockPath = path + ".lock";
        int descriptor = NativeFiles.Open(
            lockPath, NativeFiles.ReadWrite | NativeFiles.Create | NativeFiles.CloseOnExec | NativeFiles.NoFollow, OwnerOnly);
        if (descriptor < 0)
        {
            throw Unavailable(path, $"its lock file '{lockPath}' cannot be opened: {Errno.Describe(Errno.Last)}.");
        }

        NativeHandle file = new(descriptor);
        try
        {
            if (NativeFiles.Look(descriptor, out FileIdentity identity) != 0 || !identity.IsRegularFile)
            {
                throw Unavailable(path, $"'{lockPath}' is not a regular file.");
            }

            if (NativeFiles.Lock(file, NativeFiles.LockExclusive | NativeFiles.LockNonBlocking) != 0)
            {
                int error = Errno.Last;
                throw Unavailable(path, error == Errno.TryAgain
                    ? $"{ReadOwner(file)} listens on it."
                    : $"its lock file '{lockPath}' cannot be locked: {Errno.Describe(error)}.");
            }

            WriteOwner(file);
            return new OwnerLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>The failure to listen on a path.</summary>
    public static IpcException Unavailable(string path, string reason) =>
        new(IpcErrorKind.AddressUnavailable, $"Cannot listen on '{path}': {reason}");

    // The number is for the reader of an error only. Failing to write it costs nothing else.
    private static void WriteOwner(NativeHandle file)
    {
        byte[] text = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n"));
        fixed (byte* start = text)
        {
            _ = NativeFiles.Truncate(file, 0);
            _ = NativeFiles.Write(file, start, (nuint)text.Length, 0);
        }
    }

    private static string ReadOwner(NativeHandle file)
    {
        Span<byte> text = stackalloc byte[16];
        fixed (byte* start = text)
        {
            nint length = NativeFiles.Read(file, start, (nuint)text.Length, 0);
            return length > 0 && int.TryParse(Encoding.ASCII.GetString(text[..(int)length]).TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                ? string.Create(CultureInfo.InvariantCulture, $"process {id}")
                : "another process";
        }
    }
}
