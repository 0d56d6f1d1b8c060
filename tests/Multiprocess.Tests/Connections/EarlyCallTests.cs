using Multiprocess.Buffers;
using Multiprocess.Connections;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Transports;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Tests.Connections;

[CancelAfter(20_000)]
public class EarlyCallTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    [Test]
    public void A_call_that_comes_in_one_piece_with_the_Hello_is_run()
    {
        (UnixSocketTransport client, UnixSocketTransport server) = TransportPair.CreateSocketPair();
        using var run = new ManualResetEventSlim();
        byte[] bytes = HelloAndCall();
        Assert.That(client.TrySend(bytes, default), Is.EqualTo(bytes.Length));

        using ServedConnection connection = ServedConnection.Open<IDisposable>(
            server, new IpcConnectionOptions(), _ => new Root(run));

        Assert.That(run.Wait(s_patience), Is.True);
        client.Dispose();
    }

    private static byte[] HelloAndCall()
    {
        var output = new PooledBufferWriter();
        var writer = new MessagePackWriter(output);
        new Hello(HelloMessage.CurrentVersion, 1, null, 0, "System.IDisposable", 0, 4096).Write(ref writer);
        writer.Flush();
        MessageFormat.End(output.Written);
        int start = output.WrittenCount;
        CallMessage.Write(
            ref writer, MessageFlags.None, thread: 1, request: 1, parent: 0, target: 1, DisposableStub.DisposeId);
        writer.WriteArrayHeader(0);
        writer.Flush();
        MessageFormat.End(output.Written[start..]);
        return output.WrittenSpan.ToArray();
    }

    private sealed class Root(ManualResetEventSlim run) : IDisposable
    {
        public void Dispose() => run.Set();
    }
}
