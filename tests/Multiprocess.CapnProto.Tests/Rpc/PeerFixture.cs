using System.Diagnostics;
using System.IO.Pipelines;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.Transports;
using Multiprocess.Transports.Unix;

namespace Multiprocess.CapnProto.Tests.Rpc;

/// <summary>Who is on the other side.</summary>
public enum PeerLanguage
{
    /// <summary>This library, in the same process.</summary>
    CSharp,

    /// <summary>This library, in the same process, over a socket: threads that wait read it themselves.</summary>
    CSharpOverSocket,

    /// <summary>The C++ library, in another process.</summary>
    Cpp,
}

/// <summary>What carries the bytes between two sides in this process.</summary>
public enum Wire
{
    /// <summary>Pipes, as for a stream of the application: the thread pool reads and writes.</summary>
    Pipe,

    /// <summary>A socket: threads that wait read it themselves.</summary>
    Socket,
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
        if (language != PeerLanguage.Cpp)
        {
            (Connection, Other) = Pair(
                root: null,
                new PeerObject(),
                wire: language == PeerLanguage.CSharpOverSocket ? Wire.Socket : Wire.Pipe);
        }
        else
        {
            CppPeer.Require();
            _folder = Directory.CreateTempSubdirectory("capnp").FullName;
            string path = Path.Combine(_folder, "peer.sock");
            _process = await CppPeer.StartAsync("server", path);
            Connection = CapnpConnection.Connect("unix:" + path);
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
        ICapnpObject? root,
        ICapnpObject? otherRoot,
        CapnpConnectionOptions? options = null,
        Wire wire = Wire.Pipe)
    {
        if (wire == Wire.Socket)
        {
            (UnixSocketTransport first, UnixSocketTransport second) = TransportPair.CreateSocketPair();
            return (
                CapnpConnection.Attach(first, root, options),
                CapnpConnection.Attach(second, otherRoot, options));
        }

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
