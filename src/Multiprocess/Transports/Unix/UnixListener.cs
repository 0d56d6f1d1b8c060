using System.Globalization;
using Multiprocess.Native;

namespace Multiprocess.Transports.Unix;

/// <summary>Listens on a Unix domain socket at a path. Linux only.</summary>
/// <remarks>
/// The socket appears at its path complete (owner-only, bound and listening), because it is created under a temporary
/// name and then renamed. Only the holder of the path's <see cref="OwnerLock"/> may replace or remove the socket.
/// </remarks>
internal sealed unsafe class UnixListener : UnixAcceptor
{
    private const uint OwnerOnly = 0b110_000_000;

    private readonly OwnerLock _lock;
    private readonly FileIdentity _identity;

    /// <summary>Takes the path and listens on it.</summary>
    /// <param name="path">The path; missing parent directories are created, for the owner only.</param>
    /// <param name="backlog">How many connections may wait to be accepted.</param>
    /// <param name="allows">Decides which peers are allowed; by default peers of the same user.</param>
    /// <exception cref="IpcException">
    /// The path is too long, another server listens on it, it is not a socket, or it cannot be written.
    /// </exception>
    public UnixListener(string path, int backlog = 128, Func<IpcPeer, bool>? allows = null)
        : base(allows)
    {
        Path = System.IO.Path.GetFullPath(path);
        if (IpcAddress.PathTooLong(Path) is { } tooLong)
        {
            throw OwnerLock.Unavailable(Path, tooLong);
        }

        MakeDirectory(Path);
        _lock = OwnerLock.Take(Path);
        try
        {
            FileIdentity? stale = RefuseToReplace(Path);
            NativeHandle socket = UnixSocketPath.CreateSocket();
            try
            {
                _identity = Appear(socket, Path, backlog, stale);
            }
            catch
            {
                socket.Dispose();
                throw;
            }

            Begin(socket);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>For tests: runs just before the new socket gets its name.</summary>
    [field: ThreadStatic]
    internal static Action? BeforeMove { get; set; }

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    public override IpcAddress Address => IpcAddress.Unix(Path);

    /// <summary>
    /// Stops listening, wakes the accepting thread and removes the socket's file, if it is still this listener's.
    /// </summary>
    /// <remarks>No other process can listen on the path until this listener is disposed.</remarks>
    protected override void Stop(NativeHandle socket)
    {
        _ = NativeSockets.Shutdown(socket, NativeSockets.ShutdownBoth);

        // Done while holding the owner's lock, so that no successor's socket can be there yet.
        if (NativeFiles.Look(Path, out FileIdentity identity) == 0 && identity == _identity)
        {
            _ = NativeFiles.Unlink(Path);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _lock.Dispose();
    }

    private static void MakeDirectory(string path)
    {
        try
        {
            OwnerDirectory.Make(System.IO.Path.GetDirectoryName(path)!);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new IpcException(
                IpcErrorKind.AddressUnavailable,
                $"Cannot listen on '{path}': its directory cannot be made: {failure.Message}",
                failure);
        }
    }

    /// <summary>
    /// Throws when the path holds anything but a socket, or a socket of a server that does not use our lock.
    /// </summary>
    /// <returns>The socket that may be replaced; null when nothing exists at the path.</returns>
    private static FileIdentity? RefuseToReplace(string path)
    {
        int error = NativeFiles.Look(path, out FileIdentity found);
        if (error == Errno.NoEntry)
        {
            return null;
        }

        if (error != 0)
        {
            throw OwnerLock.Unavailable(path, $"looking at it failed: {Errno.Describe(error)}.");
        }

        if (!found.IsSocket)
        {
            throw OwnerLock.Unavailable(path, "something that is not a socket is there; it is left alone.");
        }

        using NativeHandle probe = UnixSocketPath.CreateSocket();
        NativeSockets.TimeValue moment = new() { Microseconds = 1 };
        _ = NativeSockets.SetOption(
            probe,
            NativeSockets.SocketLevel,
            NativeSockets.SendTimeoutOption,
            &moment,
            (uint)sizeof(NativeSockets.TimeValue));
        error = UnixSocketPath.Connect(probe, path);
        if (error is not (Errno.ConnectionRefused or Errno.NoEntry))
        {
            string owner = error == 0
                ? PeerCredentials.Of(probe).ProcessId.ToString(CultureInfo.InvariantCulture)
                : "unknown";
            throw OwnerLock.Unavailable(path, error is 0 or Errno.TryAgain
                ? $"process {owner} listens on it."
                : $"the socket there may be somebody's: {Errno.Describe(error)}.");
        }

        return found;
    }

    private static FileIdentity Appear(NativeHandle socket, string path, int backlog, FileIdentity? stale)
    {
        // Before bind, so that the file never has another mode; bind applies this mode minus the umask.
        Check(NativeFiles.ChangeMode(socket, OwnerOnly), path, "setting its mode");

        // Through the directory's descriptor, so that the temporary name may be longer than the path's own name.
        int descriptor = NativeFiles.Open(
            System.IO.Path.GetDirectoryName(path)!, NativeFiles.Directory | NativeFiles.CloseOnExec, 0);
        Check(descriptor, path, "opening its directory");
        using NativeHandle directory = new(descriptor);
        string temporary = string.Create(
            CultureInfo.InvariantCulture, $"/proc/self/fd/{descriptor}/.{Guid.NewGuid():N}");
        int error = UnixSocketPath.Bind(socket, temporary);
        if (error != 0)
        {
            throw OwnerLock.Unavailable(path, $"binding the socket failed: {Errno.Describe(error)}.");
        }

        try
        {
            Check(NativeSockets.Listen(socket, backlog), path, "listening");
            error = NativeFiles.Look(temporary, out FileIdentity identity);
            if (error != 0)
            {
                throw OwnerLock.Unavailable(path, $"looking at the new socket failed: {Errno.Describe(error)}.");
            }

            MoveTo(path, temporary, stale);
            return identity;
        }
        catch
        {
            _ = NativeFiles.Unlink(temporary);
            throw;
        }
    }

    /// <summary>Gives the socket its name. Replaces only the stale socket that was found there.</summary>
    private static void MoveTo(string path, string temporary, FileIdentity? stale)
    {
        BeforeMove?.Invoke();
        if (stale is null)
        {
            // A link never replaces a file that appeared meanwhile; a rename would.
            Check(NativeFiles.Link(temporary, path), path, "moving the new socket there");
            _ = NativeFiles.Unlink(temporary);
            return;
        }

        if (NativeFiles.Look(path, out FileIdentity there) == 0 && there != stale)
        {
            throw OwnerLock.Unavailable(path, "something else took the stale socket's place; it is left alone.");
        }

        Check(NativeFiles.Rename(temporary, path), path, "moving the new socket there");
    }

    private static void Check(int result, string path, string step)
    {
        if (result < 0)
        {
            throw OwnerLock.Unavailable(path, $"{step} failed: {Errno.Describe(Errno.Last)}.");
        }
    }
}
