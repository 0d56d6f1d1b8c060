using System.Diagnostics;
using System.Net.Sockets;
using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Tests.Rpc;

/// <summary>A client in C++ sees this library's server as it sees the one in C++.</summary>
public sealed class CppClientTests
{
    private static readonly string[] s_lines =
    [
        "add 3",
        "echo grüß 1",
        "fail 0 remote exception: reason 0",
        "fail 1 remote exception: reason 1",
        "fail 2 remote exception: reason 2",
        "fail 3 remote exception: reason 3",
        "counter 10 11",
        "live 1",
        "counter 12",
        "live 0",
        "callBack 12 of 3 2 1",
        "callKept 42",
        "order 0 1 2 3 4 5",
        "order -1 0 1 2 3 4 5",
        "early -2",
        "broken remote exception: changed my mind",
        "cancelled 1",
        "done",
    ];

    private string _folder = "";
    private string _path = "";

    [SetUp]
    public void Create()
    {
        CppPeer.Require();
        _folder = Directory.CreateTempSubdirectory("capnp").FullName;
        _path = Path.Combine(_folder, "peer.sock");
    }

    [TearDown]
    public void Delete()
    {
        if (_folder.Length > 0)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Test]
    public async Task Client_is_served()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_path));
        listener.Listen();
        using Process client = await CppPeer.StartAsync("client", _path);
        Task<string> complaints = client.StandardError.ReadToEndAsync();
        var root = new PeerObject();
        Socket accepted = await listener.AcceptAsync().WaitAsync(PeerCalls.Bound);
        await using var connection = CapnpConnection.Attach(new NetworkStream(accepted, ownsSocket: true), root);

        string output = await client.StandardOutput.ReadToEndAsync().WaitAsync(PeerCalls.Bound);

        Assert.That(output.TrimEnd().Split('\n'), Is.EqualTo(s_lines), complaints.Result);
        await connection.Completion.WaitAsync(PeerCalls.Bound);
        await root.Disposed.Task.WaitAsync(PeerCalls.Bound);
        Assert.That(
            (connection.State.Calls.Count, connection.State.Exports.Count, connection.State.Imports.Count),
            Is.EqualTo((0, 0, 0)));
    }

    [Test]
    public async Task Server_is_served_as_the_client_expects()
    {
        // The lines are those that the C++ server gets from the same client.
        using Process server = await CppPeer.StartAsync("server", _path);
        using Process client = await CppPeer.StartAsync("client", _path);

        string output = await client.StandardOutput.ReadToEndAsync().WaitAsync(PeerCalls.Bound);

        server.StandardInput.Close();
        Assert.That(output.TrimEnd().Split('\n'), Is.EqualTo(s_lines));
        Assert.That(server.WaitForExit(PeerCalls.Bound), Is.True);
    }
}
