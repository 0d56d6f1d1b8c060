using System.IO.Pipelines;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Tests;

/// <summary>Runs what docs/capnproto.md shows.</summary>
public sealed class PageTests
{
    [Test]
    public void Message_is_written()
    {
        string former = Environment.CurrentDirectory;
        string folder = Directory.CreateTempSubdirectory("capnp-").FullName;
        try
        {
            Environment.CurrentDirectory = folder;
            // struct Point { x @0 :Int32; y @1 :Int32 = 7; name @2 :Text; }
            using var builder = new CapnpMessageBuilder();
            CapnpStructBuilder point = builder.Root.InitStruct(new CapnpStructSize(DataWords: 1, PointerCount: 1));
            point.WriteInt32(0, 3);
            point.WriteInt32(1, 4, defaultValue: 7);
            point.Pointer(0).WriteText("near");
            File.WriteAllBytes("point.bin", builder.ToArray());

            CapnpMessage read = CapnpMessage.Read(File.ReadAllBytes("point.bin"));
            Assert.That(read.Root.ReadStruct().Pointer(0).ReadText(), Is.EqualTo("near"));
        }
        finally
        {
            Environment.CurrentDirectory = former;
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public async Task Call_is_answered()
    {
        (IDuplexPipe stream, IDuplexPipe other) = MakePipes();
        await using CapnpConnection server = CapnpConnection.Attach(other, new Echo());

        // interface Echo @0xd36b89640dc94399 { echo @1 (text :Text) -> (result :Text); }
        await using var connection = CapnpConnection.Attach(stream);
        using CapnpReference root = connection.Bootstrap();
        using CapnpRequest request = root.Call(interfaceId: 0xd36b89640dc94399, methodId: 1);
        request.Parameters.InitStruct(new CapnpStructSize(0, 1)).Pointer(0).WriteText("hello");
        using CapnpAnswer answer = request.Send();
        await answer.Completion;
        string? text = answer.Results.ReadStruct().Pointer(0).ReadText();

        Assert.That(text, Is.EqualTo("hello"));
    }

    [Test]
    public async Task Contract_is_called()
    {
        (IDuplexPipe stream, IDuplexPipe other) = MakePipes();
        await using CapnpConnection server = CapnpConnection.Attach(
            other, CapnpContract.Serve<IEcho>(new ContractEcho()));

        await using var connection = CapnpConnection.Attach(stream);
        IEcho echo = connection.GetRoot<IEcho>();
        string text = echo.Echo("hello");

        Assert.That(text, Is.EqualTo("hello"));
    }

    private static (IDuplexPipe, IDuplexPipe) MakePipes()
    {
        var there = new Pipe();
        var back = new Pipe();
        return (new Ends(back.Reader, there.Writer), new Ends(there.Reader, back.Writer));
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    internal sealed class Echo : ICapnpObject
    {
        public ValueTask CallAsync(CapnpCall call)
        {
            if (call.InterfaceId != 0xd36b89640dc94399 || call.MethodId != 1)
            {
                throw call.Unknown();
            }

            CapnpPointerBuilder result = call.Results.InitStruct(new CapnpStructSize(0, 1)).Pointer(0);
            result.Write(call.Parameters.ReadStruct().Pointer(0));
            return ValueTask.CompletedTask;
        }
    }

    [CapnpInterface(0xd36b89640dc94399)]
    public interface IEcho
    {
        [CapnpMethod(1)]
        string Echo(string text);
    }

    private sealed class ContractEcho : IEcho
    {
        public string Echo(string text) => text;
    }
}
