using System.IO.Pipelines;
using Multiprocess.CapnProto.Framing;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Tests.Rpc;

/// <summary>A peer that sends any message, right or wrong, and reads what comes.</summary>
internal sealed class RawPeer : IAsyncDisposable
{
    private readonly Pipe _forth = new();
    private readonly Pipe _back = new();
    private readonly Stream _received;

    public RawPeer(ICapnpObject? root = null, CapnpConnectionOptions? options = null)
    {
        _received = _back.Reader.AsStream();
        Connection = CapnpConnection.Attach(new PeerFixture.Ends(_forth.Reader, _back.Writer), root, options);
    }

    /// <summary>The side that is tested.</summary>
    public CapnpConnection Connection { get; }

    /// <summary>Sends a message of a kind.</summary>
    public async Task SendAsync(MessageKind kind, CapnpStructSize size, Action<CapnpStructBuilder> fill)
    {
        using var builder = new CapnpMessageBuilder();
        CapnpStructBuilder message = builder.Root.InitStruct(RpcFormat.Message);
        message.WriteUInt16(0, (ushort)kind);
        fill(message.Pointer(0).InitStruct(size));
        await SendAsync(builder.ToArray());
    }

    /// <summary>Sends bytes.</summary>
    public async Task SendAsync(byte[] bytes) => await _forth.Writer.WriteAsync(bytes);

    public Task BootstrapAsync(uint question)
        => SendAsync(MessageKind.Bootstrap, RpcFormat.Bootstrap, body => body.WriteUInt32(0, question));

    public Task FinishAsync(uint question, bool releaseResults = true)
        => SendAsync(MessageKind.Finish, RpcFormat.Finish, body =>
        {
            body.WriteUInt32(0, question);
            body.WriteBool(32, releaseResults, defaultValue: true);
        });

    public Task ReleaseAsync(uint id, uint count) => SendAsync(MessageKind.Release, RpcFormat.Release, body =>
    {
        body.WriteUInt32(0, id);
        body.WriteUInt32(1, count);
    });

    /// <summary>Calls a method of <c>Peer</c> on an export.</summary>
    public Task CallAsync(uint question, uint target, ushort method, Action<CapnpStructBuilder>? fill = null)
        => SendAsync(MessageKind.Call, RpcFormat.Call, body =>
        {
            body.WriteUInt32(0, question);
            body.WriteUInt16(2, method);
            body.WriteUInt64(1, PeerSchema.Peer);
            body.Pointer(0).InitStruct(RpcFormat.Target).WriteUInt32(0, target);
            body.Pointer(1).InitStruct(RpcFormat.Payload).Pointer(0).InitStruct(PeerSchema.NumberAndPointer);
            fill?.Invoke(body);
        });

    /// <summary>Reads the next message, which has to be of a kind.</summary>
    public async Task<CapnpStructReader> ReceiveAsync(MessageKind kind)
    {
        CapnpStructReader message = await ReceiveAsync();
        Assert.That((MessageKind)message.ReadUInt16(0), Is.EqualTo(kind));
        return message.Pointer(0).ReadStruct();
    }

    public async Task<CapnpStructReader> ReceiveAsync()
    {
        byte[]? frame = await FrameStream.ReadAsync(_received, CapnpLimits.Default, CancellationToken.None)
            .WaitAsync(PeerCalls.Bound);
        Assert.That(frame, Is.Not.Null, "The connection has ended.");
        return CapnpMessage.Read(frame!).Root.ReadStruct();
    }

    /// <summary>The other side says why, and ends.</summary>
    public async Task<string> ReceiveAbortAsync()
    {
        CapnpStructReader message;
        do
        {
            message = await ReceiveAsync();
        }
        while ((MessageKind)message.ReadUInt16(0) != MessageKind.Abort);

        Assert.That(await FrameStream.ReadAsync(_received, CapnpLimits.Default, CancellationToken.None)
            .WaitAsync(PeerCalls.Bound), Is.Null);
        return message.Pointer(0).ReadStruct().Pointer(0).ReadText()!;
    }

    /// <summary>Reads and drops what comes, to the end.</summary>
    public async Task DrainAsync()
    {
        byte[] dropped = new byte[4096];
        while (await _received.ReadAsync(dropped) > 0)
        {
        }
    }

    public void End() => _forth.Writer.Complete();

    public async ValueTask DisposeAsync()
    {
        End();
        await Connection.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
    }
}
