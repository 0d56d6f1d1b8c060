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

    [Test]
    public async Task Unions_and_groups_cross()
    {
        (IDuplexPipe stream, IDuplexPipe other) = MakePipes();
        await using CapnpConnection server = CapnpConnection.Attach(
            other, CapnpContract.Serve<IDrawing>(new Drawing()));
        await using var connection = CapnpConnection.Attach(stream);
        IDrawing drawing = connection.GetRoot<IDrawing>();
        var person = new Person { Name = "n", Work = new Work.Employer("e"), Home = new() { Zip = 12345 } };

        Assert.That(drawing.Turn(new Shape.Circle(3, 4) { Id = 5 }), Is.EqualTo(new Shape.Circle(3, 4) { Id = 5 }));
        Assert.That(drawing.Turn(new Shape.Empty()), Is.EqualTo(new Shape.Empty()));
        Assert.That(drawing.Ask(person), Is.EqualTo(person));
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

    [CapnpInterface(0xd36b89640dc9439a)]
    public interface IDrawing
    {
        Shape Turn(Shape shape);

        Person Ask(Person person);
    }

    private sealed class Drawing : IDrawing
    {
        public Shape Turn(Shape shape) => shape;

        public Person Ask(Person person) => person;
    }

    // struct Shape {
    //   id @0 :UInt64;
    //   union { empty @1 :Void; label @2 :Text; circle :group { x @3 :Int32; y @4 :Int32; } }
    // }
    [CapnpStruct]
    [IpcUnion(0, typeof(Empty)), IpcUnion(1, typeof(Label)), IpcUnion(2, typeof(Circle))]
    public abstract record Shape
    {
        [CapnpField(0)]
        public ulong Id { get; init; }

        [CapnpField(1)]
        public sealed record Empty : Shape;

        public sealed record Label([property: CapnpField(2)] string Text) : Shape;

        public sealed record Circle([property: CapnpField(3)] int X, [property: CapnpField(4)] int Y) : Shape;
    }

    // struct Person {
    //   name @0 :Text;
    //   work :union { none @1 :Void; employer @2 :Text; }
    //   home :group { zip @3 :UInt32; }
    // }
    [CapnpStruct]
    public sealed record Person
    {
        [CapnpField(0)]
        public string Name { get; init; } = "";

        public required Work Work { get; init; }

        public Home Home { get; init; } = new();
    }

    [CapnpGroup]
    [IpcUnion(0, typeof(None)), IpcUnion(1, typeof(Employer))]
    public abstract record Work
    {
        [CapnpField(1)]
        public sealed record None : Work;

        public sealed record Employer([property: CapnpField(2)] string Name) : Work;
    }

    [CapnpGroup]
    public sealed record Home
    {
        [CapnpField(3)]
        public uint Zip { get; init; }
    }

    private sealed class ContractEcho : IEcho
    {
        public string Echo(string text) => text;
    }
}
