using System.Net.Sockets;
using Multiprocess.Locks;
using Multiprocess.Native;

namespace Multiprocess.Transports.Unix;

/// <summary>Listens on a socket that a service manager created and passed to this process. Linux only.</summary>
/// <remarks>
/// The manager still owns the socket: this class neither shuts it down, which would end it for the manager too, nor
/// removes it, nor changes its directory and mode. Peers are checked as for any other listener.
/// </remarks>
internal sealed unsafe class ActivatedListener : UnixAcceptor
{
    private static readonly HashSet<int> s_taken = [];

    private readonly NativeHandle _socket;
    private readonly NativeHandle _stop;
    private readonly NativeHandle _stopped;

    /// <summary>Takes the socket. No other listener of this process can take it until this one is disposed.</summary>
    /// <param name="name">The socket's name, or null for the first socket.</param>
    /// <param name="allows">Decides which peers are allowed; by default peers of the same user.</param>
    /// <exception cref="IpcException">
    /// There is no such socket, it is taken, or it is not a Unix stream socket that listens at a path.
    /// </exception>
    public ActivatedListener(string? name, Func<IpcPeer, bool>? allows = null)
        : base(allows)
    {
        int descriptor = SocketActivation.Find(name, Environment.GetEnvironmentVariable, Environment.ProcessId);
        string what = name is null ? "systemd" : $"systemd:{name}";
        Address = IpcAddress.Unix(Inspect(descriptor, what));
        using (Uninterruptible.Enter(s_taken))
        {
            if (!s_taken.Add(descriptor))
            {
                throw SocketActivation.Failed(what, "This process already listens on it.");
            }
        }

        // Non-blocking, because a client may leave between the wait and the accept.
        int flags = NativeFiles.Control(descriptor, NativeFiles.GetStatusFlags, 0);
        _ = NativeFiles.Control(descriptor, NativeFiles.SetStatusFlags, flags | NativeFiles.NonBlocking);
        int descriptorFlags = NativeFiles.Control(descriptor, NativeFiles.GetDescriptorFlags, 0);
        _ = NativeFiles.Control(
            descriptor, NativeFiles.SetDescriptorFlags, descriptorFlags | NativeFiles.DescriptorCloseOnExec);

        // Never closed: no other file must get this number while a service may ask for the socket again.
        _socket = new NativeHandle(descriptor, ownsHandle: false);
        (_stop, _stopped) = TransportPair.CreateSocketHandles();
        Begin(_socket);
    }

    public override IpcAddress Address { get; }

    public override void Dispose()
    {
        base.Dispose();
        _stop.Dispose();
        using (Uninterruptible.Enter(s_taken))
        {
            _ = s_taken.Remove(_socket.Descriptor);
        }
    }

    protected override void Stop(NativeHandle socket) => _ = NativeSockets.Shutdown(_stop, NativeSockets.ShutdownBoth);

    protected override bool WaitForClient() => NativePoll.WaitForFirst(_socket, _stopped, NativePoll.Readable);

    /// <summary>Checks that the descriptor is a usable listening socket, and returns its path.</summary>
    private static string Inspect(int descriptor, string what)
    {
        if (NativeFiles.Look(descriptor, out FileIdentity identity) != 0 || !identity.IsSocket)
        {
            throw SocketActivation.Failed(
                what, $"Descriptor {descriptor}: Expected a socket, got another kind of file.");
        }

        using NativeHandle socket = new(descriptor, ownsHandle: false);
        if (Option(socket, NativeSockets.DomainOption) != NativeSockets.UnixFamily
            || Option(socket, NativeSockets.TypeOption) != NativeSockets.StreamType
            || Option(socket, NativeSockets.AcceptsConnectionsOption) != 1)
        {
            throw SocketActivation.Failed(
                what, $"Descriptor {descriptor}: Expected a Unix stream socket that listens, got another socket.");
        }

        using Socket asSocket = new(new SafeSocketHandle(descriptor, ownsHandle: false));
        string path = asSocket.LocalEndPoint?.ToString() ?? string.Empty;
        return path.Length > 0 && path[0] == '/'
            ? path
            : throw SocketActivation.Failed(
                what,
                $"Path: Expected an absolute one, got '{IpcText.Escape(path)}'. {IpcAddress.AbstractRefused}");
    }

    private static int Option(NativeHandle socket, int option)
    {
        int value = 0;
        uint length = sizeof(int);
        return NativeSockets.GetOption(socket, NativeSockets.SocketLevel, option, &value, &length) == 0 ? value : -1;
    }
}
