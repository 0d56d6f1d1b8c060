using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Tests.Rpc;

/// <summary>
/// Messages made at random, of which many are right: whatever comes, the connection goes on or ends with a typed error,
/// and
/// nothing is left when it has ended.
/// </summary>
public sealed class RpcFuzzTests
{
    private const int Sessions = 300;

    [Test]
    public async Task Nothing_is_left_of_a_session_whatever_its_messages_are()
    {
        int refused = 0;
        for (int seed = 0; seed < Sessions; seed++)
        {
            refused += await RunAsync(seed) ? 1 : 0;
        }

        // Both kinds must have come up, or the sessions are of no use.
        Assert.That((double)refused / Sessions, Is.InRange(0.1, 0.95));
    }

    private static async Task<bool> RunAsync(int seed)
    {
        var random = new Random(seed);
        var root = new PeerObject();
        await using var peer = new RawPeer(root);
        Task draining = peer.DrainAsync();
        List<CapnpReference> references = [peer.Connection.Bootstrap()];
        List<CapnpAnswer> answers = [references[0].Add(1, 2)];
        using (CapnpReference callback = CapnpReference.Of(new Callback()))
        {
            answers.Add(references[0].Call(8, callback));
            references.Add(answers[1].Pipeline(0));
            answers.Add(Callback.Call(references[1], 1));
        }

        await peer.BootstrapAsync(0);
        for (int i = random.Next(1, 25); i > 0; i--)
        {
            await peer.SendAsync(Make(random));
        }

        peer.End();
        Exception? failure = null;
        try
        {
            await peer.Connection.Completion.WaitAsync(PeerCalls.Bound);
        }
        catch (IpcException exception)
        {
            failure = exception;
        }

        await draining.WaitAsync(PeerCalls.Bound);
        foreach (CapnpAnswer answer in answers)
        {
            await answer.Completion.WaitAsync(PeerCalls.Bound).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            answer.Dispose();
        }

        references.ForEach(reference => reference.Dispose());
        CapnpConnection connection = peer.Connection;
        Assert.That(
            (connection.State.QuestionCount, connection.State.Calls.Count, connection.State.Exports.Count,
                connection.State.Imports.Count, connection.State.EmbargoCount),
            Is.EqualTo((0, 0, 0, 0, 0)),
            $"Session {seed}");
        Assert.That(async () => await root.Disposed.Task.WaitAsync(PeerCalls.Bound), Throws.Nothing, $"Session {seed}");
        return failure is not null;
    }

    private static byte[] Make(Random random)
    {
        using var builder = new CapnpMessageBuilder();
        CapnpStructBuilder message = builder.Root.InitStruct(RpcFormat.Message);
        MessageKind[] kinds =
        [
            MessageKind.Call,
            MessageKind.Call,
            MessageKind.Call,
            MessageKind.Return,
            MessageKind.Return,
            MessageKind.Finish,
            MessageKind.Resolve,
            MessageKind.Release,
            MessageKind.Bootstrap,
            MessageKind.Disembargo,
            MessageKind.Unimplemented,
            (MessageKind)12,
        ];
        MessageKind kind = kinds[random.Next(kinds.Length)];
        message.WriteUInt16(0, (ushort)kind);
        CapnpStructBuilder body = message.Pointer(0).InitStruct(new(3, 3));
        body.WriteUInt32(0, (uint)random.Next(3));
        switch (kind)
        {
            case MessageKind.Call:
                body.WriteUInt32(0, (uint)random.Next(1, 8));
                int method = random.Next(14);
                // A root that keeps itself is never given up: no system of counted references finds such a circle.
                body.WriteUInt16(2, (ushort)(method == 5 ? 0 : method));
                body.WriteUInt64(1, PeerSchema.Peer);
                body.WriteUInt16(3, (ushort)(random.Next(8) == 0 ? 1 : 0));
                WriteTarget(body.Pointer(0), random);
                WritePayload(body.Pointer(1), random);
                break;
            case MessageKind.Return:
                body.WriteUInt16(3, (ushort)random.Next(5));
                body.WriteBool(32, random.Next(2) == 0, defaultValue: true);
                body.WriteUInt32(2, (uint)random.Next(4));
                WritePayload(body.Pointer(0), random);
                break;
            case MessageKind.Resolve:
                body.WriteUInt16(2, (ushort)random.Next(2));
                WriteDescriptor(body.Pointer(0).InitStruct(RpcFormat.Descriptor), random);
                break;
            case MessageKind.Release:
                body.WriteUInt32(1, (uint)random.Next(2));
                break;
            case MessageKind.Disembargo:
                body.WriteUInt16(2, (ushort)random.Next(3));
                WriteTarget(body.Pointer(0), random);
                break;
            case MessageKind.Unimplemented:
                body.WriteUInt16(0, (ushort)MessageKind.Resolve);
                break;
        }

        byte[] frame = builder.ToArray();
        if (random.Next(20) == 0)
        {
            frame[random.Next(8, frame.Length)] ^= (byte)(1 << random.Next(8));
        }

        return frame;
    }

    private static void WriteTarget(CapnpPointerBuilder pointer, Random random)
    {
        CapnpStructBuilder target = pointer.InitStruct(RpcFormat.Target);
        if (random.Next(3) > 0)
        {
            target.WriteUInt32(0, (uint)(random.Next(6) == 0 ? 1 : 0));
            return;
        }

        target.WriteUInt16(2, 1);
        PromisedAnswers.Write(target.Pointer(0), (uint)random.Next(8), Path(random));
    }

    private static void WritePayload(CapnpPointerBuilder pointer, Random random)
    {
        CapnpStructBuilder payload = pointer.InitStruct(RpcFormat.Payload);
        CapnpStructBuilder content = payload.Pointer(0).InitStruct(PeerSchema.NumberAndPointer);
        content.WriteInt32(0, random.Next(3));
        CapnpListBuilder table = payload.Pointer(1).InitStructList(RpcFormat.Descriptor, random.Next(3));
        for (int i = 0; i < table.Count; i++)
        {
            WriteDescriptor(table.Struct(i), random);
            content.Pointer(0).WriteCapabilityIndex((uint)i);
        }
    }

    private static void WriteDescriptor(CapnpStructBuilder descriptor, Random random)
    {
        var kind = (DescriptorKind)random.Next(7);
        descriptor.WriteUInt16(0, (ushort)kind);
        descriptor.WriteUInt32(1, (uint)(kind == DescriptorKind.ReceiverHosted ? 0 : random.Next(4)));
        if (kind == DescriptorKind.ReceiverAnswer)
        {
            PromisedAnswers.Write(descriptor.Pointer(0), (uint)random.Next(8), Path(random));
        }
    }

    private static ushort[] Path(Random random) => random.Next(3) switch
    {
        0 => [],
        1 => [0],
        _ => [1, 0],
    };
}
