using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Multiprocess;

namespace Bitcoin.Ipc;

/// <summary>Starts, connects and serves processes with the toolkit.</summary>
/// <param name="log">The process's log, also for the toolkit's lines.</param>
/// <param name="socketName">The name of the default socket that this program serves, without its ending.</param>
/// <param name="makeOther">
/// Creates the second protocol of Unix sockets that this program serves, for its first object; null for none.
/// </param>
internal sealed class ToolkitIpc(
    DebugLog log, string socketName, Func<Func<IInit>, IpcOtherProtocol>? makeOther = null) : IIpc
{
    private const string NodeSocket = "node";

    /// <summary>The options of a program that connects, listens, or does both.</summary>
    internal static Option[] Options { get; } =
    [
        new(
            "ipcbind",
            "address",
            "Serve other programs: unix for the usual socket in the network's data directory, or unix:<path>, relative "
                + "to it or absolute, or tcp:<host>:<port> with -ipccert. May be given several times. Access to the "
                + "socket is full access to this program."),
        new(
            "ipcconnect",
            "address",
            "Connect to a node that runs: unix for its usual socket, unix:<path>, tcp:<host>:<port> with -ipccert, or "
                + "auto, which does without if nobody is there. Access to the socket is full access to the node."),
        .. TlsSettings.Options,
    ];

    /// <summary>Serves the parent that started this process, if one did.</summary>
    internal bool TryServeParent(string[] args, IInit init, out int exitCode)
    {
        return IpcParent.TryServe(args, _ => init, out exitCode, new IpcConnectionOptions { LoggerFactory = log });
    }

    public IChildProcess Spawn(string program, Confinement? confinement = null)
    {
        try
        {
            IpcSpawnOptions options = new()
            {
                LoggerFactory = log,
                Sandbox = confinement is null ? null : new IpcSandbox { WritablePaths = confinement.Directories },
            };
            return new Child(IpcChildProcess.Spawn<IInit>(program, options));
        }
        catch (IpcException exception)
        {
            throw new HostException(exception.Message, exception);
        }
    }

    public IRemoteProcess? Connect(string address, Settings settings)
    {
        IpcAddress resolved = Resolve(address, settings, NodeSocket);
        if (resolved.Kind == IpcAddressKind.None)
        {
            return null;
        }

        bool isAuto = resolved.Kind == IpcAddressKind.Auto;
        try
        {
            // "auto" means the default socket, if its path is not too long.
            return new Remote(
                IpcConnection.Connect<IInit>(
                    isAuto ? IpcAddress.Unix(resolved.Path!) : resolved,
                    new IpcConnectionOptions { LoggerFactory = log, Tls = TlsSettings.From(settings) }));
        }
        catch (Exception exception) when (isAuto && exception is IpcDisconnectedException or FormatException)
        {
            return null;
        }
        catch (IpcException exception)
        {
            throw new HostException(exception.Message, exception);
        }
    }

    public IListener Listen(string address, Settings settings, Func<IInit> root)
    {
        IpcAddress resolved = Resolve(address, settings, socketName);
        try
        {
            return new Listener(
                IpcServer.Listen(
                    resolved,
                    _ => root(),
                    new IpcServerOptions
                    {
                        LoggerFactory = log,
                        Tls = TlsSettings.From(settings),
                        OtherProtocol = makeOther?.Invoke(root),
                    }));
        }
        catch (Exception exception) when (exception is IpcException or ArgumentException or NotSupportedException)
        {
            throw new HostException($"Unable to bind to IPC address '{address}': {exception.Message}", exception);
        }
    }

    public bool IsDisconnection(Exception exception) => exception is IpcDisconnectedException;

    internal static IpcAddress Resolve(string address, Settings settings, string name = NodeSocket)
    {
        try
        {
            // An option without a value means the default socket.
            return IpcAddress.Parse(address is "" or "1" ? "unix" : address).Resolve(settings.Directory, name);
        }
        catch (FormatException exception)
        {
            throw new HostException(exception.Message, exception);
        }
    }

    private sealed class Remote(IpcConnection<IInit> connection) : IRemoteProcess
    {
        public IInit Init => connection.Root;

        public CancellationToken Closed => connection.Closed;

        public void Dispose() => connection.Dispose();
    }

    private sealed class Child(IpcChildProcess<IInit> child) : IChildProcess
    {
        public IInit Init => child.Root;

        public CancellationToken Closed => child.Connection.Closed;

        public int Id => child.Id;

        public Task<int> Exited => child.Exited;

        public void Dispose() => child.Dispose();
    }

    private sealed class Listener(IpcServer server) : IListener
    {
        public string Address => server.Address.ToString();

        public void Shutdown(TimeSpan drain) => server.ShutdownAsync(drain).GetAwaiter().GetResult();

        public void Dispose() => server.Dispose();
    }
}
