using System.IO.Pipelines;
using System.Net.Sockets;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Wire;
using Multiprocess.CapnProto.Tests.Rpc;
using Multiprocess.Native;
using Multiprocess.Transports;
using Multiprocess.Transports.Unix;

namespace Multiprocess.CapnProto.Tests.Fuzz;

/// <summary>
/// Attacks calls: sessions whose messages are made at random, and of which many are right. Whatever comes, the
/// connection goes on or ends with a typed error, and nothing is left when it has ended. Tests run it for a moment,
/// <c>./eng/fuzz --capnp-rpc</c> for as long as wished.
/// </summary>
internal sealed class RpcFuzz
{
    /// <summary>Sessions so far.</summary>
    public int Sessions { get; private set; }

    /// <summary>Sessions that were refused.</summary>
    public int Refused { get; private set; }

    /// <summary>Runs the session of a seed. Says what went wrong, or null.</summary>
    public async Task<string?> TryAsync(int seed)
    {
        Sessions++;
        try
        {
            return await RunAsync(new Random(seed), seed % 2 == 0 ? Ends.OfPipes() : Ends.OfSockets());
        }
        catch (Exception exception)
        {
            return $"{exception.GetType().Name}: {exception.Message}\n{exception.StackTrace}";
        }
    }

    private async Task<string?> RunAsync(Random random, Ends ends)
    {
        var root = new PeerObject();
        CapnpConnection connection = ends.Attach(root);
        Task draining = DrainAsync(ends.Back);
        List<CapnpReference> references = [connection.Bootstrap()];
        List<CapnpAnswer> answers = [references[0].Add(1, 2)];
        using (CapnpReference callback = CapnpReference.Of(new Callback()))
        {
            answers.Add(references[0].Call(8, callback));
            references.Add(answers[1].Pipeline(0));
            answers.Add(Callback.Call(references[1], 1));
        }

        await SendAsync(random, ends);
        try
        {
            await connection.Completion.WaitAsync(PeerCalls.Bound);
        }
        catch (IpcException)
        {
            Refused++;
        }

        await draining.WaitAsync(PeerCalls.Bound);
        await ends.Back.CompleteAsync();
        foreach (CapnpAnswer answer in answers)
        {
            await answer.Completion.WaitAsync(PeerCalls.Bound).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!answer.Completion.IsCompleted)
            {
                return "Answer: Expected one when the connection has ended, got none.";
            }

            answer.Dispose();
        }

        references.ForEach(reference => reference.Dispose());
        await root.Disposed.Task.WaitAsync(PeerCalls.Bound);
        var left = (connection.State.QuestionCount, connection.State.Calls.Count, connection.State.Exports.Count,
            connection.State.Imports.Count, connection.State.EmbargoCount);
        await connection.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
        return left == (0, 0, 0, 0, 0) ? null : $"Tables: Expected empty ones, got {left}.";
    }

    private static async Task SendAsync(Random random, Ends ends)
    {
        try
        {
            await ends.Forth.WriteAsync(Bootstrap());
            for (int i = random.Next(1, 25); i > 0; i--)
            {
                await ends.Forth.WriteAsync(Make(random));
            }
        }
        catch (IOException)
        {
            // The other side has ended the connection.
        }

        await ends.End();
    }

    private static async Task DrainAsync(PipeReader reader)
    {
        try
        {
            while (await reader.ReadAsync() is { IsCompleted: false } result)
            {
                reader.AdvanceTo(result.Buffer.End);
            }
        }
        catch (IOException)
        {
            // The other side has ended the connection, and did not read everything.
        }
    }

    private static byte[] Bootstrap()
    {
        using var builder = new CapnpMessageBuilder();
        CapnpStructBuilder message = builder.Root.InitStruct(RpcFormat.Message);
        message.WriteUInt16(0, (ushort)MessageKind.Bootstrap);
        message.Pointer(0).InitStruct(RpcFormat.Bootstrap);
        return builder.ToArray();
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

    /// <summary>The bytes there and back, and what connects the side that is attacked to them.</summary>
    private sealed class Ends(
        PipeWriter forth, PipeReader back, Func<PeerObject, CapnpConnection> attach, Func<ValueTask> end)
    {
        public PipeWriter Forth => forth;

        public PipeReader Back => back;

        /// <summary>As for a stream of the application.</summary>
        public static Ends OfPipes()
        {
            var forth = new Pipe();
            var back = new Pipe();
            return new(
                forth.Writer,
                back.Reader,
                root => CapnpConnection.Attach(new Duplex(forth.Reader, back.Writer), root),
                () => forth.Writer.CompleteAsync());
        }

        /// <summary>As between processes.</summary>
        public static Ends OfSockets()
        {
            (NativeHandle first, NativeHandle second) = TransportPair.CreateSocketHandles();
            var socket = new Socket(new SafeSocketHandle(second.Detach(), ownsHandle: true));
            var stream = new NetworkStream(socket, ownsSocket: true);
            return new(
                PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)),
                PipeReader.Create(stream),
                root => CapnpConnection.Attach(
                    new UnixSocketTransport(first, PeerCredentials.Own(), "socketpair"), root, options: null),
                () =>
                {
                    try
                    {
                        socket.Shutdown(SocketShutdown.Send);
                    }
                    catch (SocketException)
                    {
                        // The other side has ended the connection.
                    }

                    return ValueTask.CompletedTask;
                });
        }

        public CapnpConnection Attach(PeerObject root) => attach(root);

        /// <summary>No more bytes follow.</summary>
        public ValueTask End() => end();
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
