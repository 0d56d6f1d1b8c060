using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Tests.Rpc;

/// <summary>Who is on the other side.</summary>
public enum PeerLanguage
{
    /// <summary>This library, in the same process.</summary>
    CSharp,

    /// <summary>The C++ library, in another process.</summary>
    Cpp,
}

/// <summary>A connection of this side to a peer that serves <c>peer.capnp</c>.</summary>
public abstract class PeerFixture(PeerLanguage language)
{
    private string _folder = "";
    private Process? _process;

    /// <summary>This side.</summary>
    internal CapnpConnection Connection { get; private set; } = null!;

    /// <summary>The other side, where it is in this process.</summary>
    internal CapnpConnection? Other { get; private set; }

    /// <summary>The peer's root.</summary>
    internal CapnpReference Peer { get; private set; } = null!;

    [SetUp]
    public async Task Connect()
    {
        if (language == PeerLanguage.CSharp)
        {
            (Connection, Other) = Pair(root: null, new PeerObject());
        }
        else
        {
            CppPeer.Require();
            _folder = Directory.CreateTempSubdirectory("capnp").FullName;
            string path = Path.Combine(_folder, "peer.sock");
            _process = await CppPeer.StartAsync("server", path);
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            Connection = CapnpConnection.Attach(new NetworkStream(socket, ownsSocket: true));
        }

        Peer = Connection.Bootstrap();
    }

    [TearDown]
    public async Task Disconnect()
    {
        Peer?.Dispose();
        if (Connection is not null)
        {
            Connection.Dispose();
            await Connection.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
        }

        if (Other is not null)
        {
            await Other.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
        }

        if (_process is not null)
        {
            _process.StandardInput.Close();
            Assert.That(_process.WaitForExit(PeerCalls.Bound), Is.True);
            _process.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Kills the peer's process, or ends its connection.</summary>
    internal void KillPeer()
    {
        _process?.Kill();
        Other?.Dispose();
    }

    /// <summary>Two sides in this process.</summary>
    internal static (CapnpConnection First, CapnpConnection Second) Pair(
        ICapnpObject? root, ICapnpObject? otherRoot, CapnpConnectionOptions? options = null)
    {
        var forth = new Pipe();
        var back = new Pipe();
        return (
            CapnpConnection.Attach(new Ends(back.Reader, forth.Writer), root, options),
            CapnpConnection.Attach(new Ends(forth.Reader, back.Writer), otherRoot, options));
    }

    internal sealed class Ends(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
