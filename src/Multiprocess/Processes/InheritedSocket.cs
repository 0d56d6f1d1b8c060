using System.Globalization;
using Multiprocess.Native;
using Multiprocess.Transports;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Processes;

/// <summary>The end of a socketpair that a parent passed to this process. Linux only.</summary>
internal static unsafe class InheritedSocket
{
    /// <summary>Looks for <c>-ipcfd n</c> or <c>-ipcfd=n</c>.</summary>
    /// <returns>The descriptor, or null when this process was not started as a child.</returns>
    /// <exception cref="IpcException">
    /// The value is missing or not a descriptor number, or the argument occurs twice.
    /// </exception>
    public static int? FindArgument(IReadOnlyList<string> arguments)
    {
        int? found = null;
        for (int i = 0; i < arguments.Count; i++)
        {
            string? value = null;
            if (arguments[i] == ChildLauncher.DescriptorArgument)
            {
                value = ++i < arguments.Count ? arguments[i] : throw Failed("the number of the descriptor is missing.");
            }
            else if (arguments[i].StartsWith(ChildLauncher.DescriptorArgument + "=", StringComparison.Ordinal))
            {
                value = arguments[i][(ChildLauncher.DescriptorArgument.Length + 1)..];
            }

            if (value is null)
            {
                continue;
            }

            if (found is not null)
            {
                throw Failed("it is given twice.");
            }

            found = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor)
                ? descriptor
                : throw Failed($"'{value}' is not the number of a descriptor.");
        }

        return found;
    }

    /// <summary>
    /// Takes ownership of the descriptor and sets close-on-exec. Call this once, before any process is started.
    /// </summary>
    /// <param name="descriptor">What <see cref="FindArgument"/> found.</param>
    /// <param name="allows">Decides which parents are served; by default parents of the same user.</param>
    /// <exception cref="IpcException">
    /// The descriptor is not open, not a connected Unix stream socket, or belongs to another user. It stays open.
    /// </exception>
    public static UnixSocketTransport Open(int descriptor, Func<IpcPeer, bool>? allows = null)
    {
        Platform.RequireLinux();
        int error = NativeFiles.Look(descriptor, out FileIdentity identity);
        if (error != 0)
        {
            throw Failed(error == Errno.BadDescriptor
                ? $"descriptor {descriptor} is not open."
                : $"looking at descriptor {descriptor} failed: {Errno.Describe(error)}.");
        }

        if (!identity.IsSocket)
        {
            throw Failed($"Descriptor {descriptor}: Expected a socket, got another kind of file.");
        }

        int flags = NativeFiles.Control(descriptor, NativeFiles.GetDescriptorFlags, 0);
        if (flags < 0
            || NativeFiles.Control(
                descriptor, NativeFiles.SetDescriptorFlags, flags | NativeFiles.DescriptorCloseOnExec) < 0)
        {
            throw Failed($"descriptor {descriptor} cannot be closed on exec: {Errno.Describe(Errno.Last)}.");
        }

        NativeHandle socket = new(descriptor);
        try
        {
            if (Option(socket, NativeSockets.DomainOption) != NativeSockets.UnixFamily
                || Option(socket, NativeSockets.TypeOption) != NativeSockets.StreamType)
            {
                throw Failed($"Descriptor {descriptor}: Expected a Unix stream socket, got another socket.");
            }

            IpcPeer peer = PeerCredentials.Of(socket);
            if (!(allows ?? PeerCredentials.IsSameUser)(peer))
            {
                throw new IpcException(
                    IpcErrorKind.Refused,
                    $"Not serving on descriptor {descriptor}: the parent, process {peer.ProcessId}, belongs to user "
                        + $"{peer.UserId}, which is not allowed.");
            }

            return new UnixSocketTransport(
                socket, peer, "parent process " + peer.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch
        {
            // The descriptor does not belong to this library: leave it open.
            socket.SetHandleAsInvalid();
            throw;
        }
    }

    private static int Option(NativeHandle socket, int option)
    {
        int value = 0;
        uint length = sizeof(int);
        return NativeSockets.GetOption(socket, NativeSockets.SocketLevel, option, &value, &length) == 0 ? value : -1;
    }

    private static IpcException Failed(string reason) =>
        new(IpcErrorKind.SpawnFailed, $"Bad {ChildLauncher.DescriptorArgument}: {reason}");
}
