using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Tests.Contracts.Imported;
using Multiprocess.CapnProto.Tests.Rpc;

namespace Multiprocess.CapnProto.Tests.Contracts;

/// <summary>The contracts that the tool has written from <c>imported.capnp</c>.</summary>
public sealed class ImportedTests
{
    private CapnpConnection _client = null!;
    private CapnpConnection _server = null!;
    private IDepot _depot = null!;

    [SetUp]
    public void Connect()
    {
        (_client, _server) = PeerFixture.Pair(root: null, CapnpContract.Serve<IDepot>(new Depot()));
        _depot = _client.GetRoot<IDepot>();
    }

    [TearDown]
    public async Task Disconnect()
    {
        _depot.Dispose();
        _client.Dispose();
        _server.Dispose();
        await _client.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
        await _server.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
    }

    [Test]
    public void Every_form_crosses()
    {
        var item = new Item { Name = "saw", Discount = 3, Parts = [new() { Name = "blade" }], Nested = new() };
        uint stock = 5;

        Item found = _depot.Find("saw", 10)!;
        _depot.Count([item, item], Mode.Exact, out long total, out bool wanted);
        _depot.Change(ref stock, out byte[] old);
        PairOfTextAndItem[] pairs = _depot.Pairs([new() { First = "a", Second = item }]);

        Assert.That(found.Price, Is.EqualTo(-1), "the schema's default");
        Assert.That(found.Mode, Is.EqualTo(Mode.Exact));
        Assert.That(found.Discount, Is.Null);
        Assert.That(_depot.Find("", 10), Is.Null);
        Assert.That((total, wanted), Is.EqualTo((2, true)));
        Assert.That((stock, old[0]), Is.EqualTo((6, (byte)5)));
        Assert.That(pairs[0].Second!.Parts[0].Name, Is.EqualTo("blade"));
        Assert.That(pairs[0].Second!.Nested!.IsThere, Is.True);
        Assert.That(_depot.Watch(value => value + 1), Is.Not.Null);
    }

    [Test]
    public void Unions_and_groups_cross()
    {
        var area = new Choice.Area
        {
            Label = "a", Width = 1.5, Unit = new Choice.Area.UnitUnion.Named("mm"), Origin = new() { X = -3, Y = 4 },
        };
        var deep = new Choice.Depth.Deep { Label = "d", Level = 9, Value = long.MinValue, LabelValue = "inner" };

        Assert.That(_depot.Choose(area), Is.EqualTo(area));
        Assert.That(_depot.Choose(deep), Is.EqualTo(deep));
        Assert.That(_depot.Choose(new Choice.One(0)), Is.EqualTo(new Choice.One(0)), "not the schema's default");
        Assert.That(_depot.Choose(new Choice.Nothing()), Is.EqualTo(new Choice.Nothing()));
        Assert.That(
            ((Choice.ItemCase)_depot.Choose(new Choice.ItemCase(new() { Name = "saw" }))!).Value!.Name,
            Is.EqualTo("saw"));
        var many = (Choice.Many)_depot.Choose(new Choice.Many([area, deep, new Choice.Text("t")]))!;
        Assert.That(many.Value, Is.EqualTo(new Choice[] { area, deep, new Choice.Text("t") }));
        Assert.That(_depot.Choices([area, deep]), Is.EqualTo(new Choice[] { deep, area }));
    }

    [Test]
    public void Forms_of_general_schemas_cross()
    {
        using var built = new CapnpMessageBuilder();
        built.Root.WriteText("anything");
        CapnpMessage any = CapnpMessage.Read(built.ToArray());
        var nothing = default(ValueTuple);
        CapnpMessage? back = null;

        Forms? forms = _depot.Forms(
            new()
            {
                Bytes = [1, 2, 3],
                Nothings = new ValueTuple[5],
                Any = any,
                Open = new() { First = any },
                State = new Forms.StateUnion.On(7),
                Mode = new() { Fast = true, Inner = new() { Name = "inner" } },
            },
            ref back,
            ref nothing);

        Assert.That(forms!.Bytes, Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(forms.Nothings, Has.Length.EqualTo(5));
        Assert.That(forms.Any!.Root.ReadText(), Is.EqualTo("anything"));
        Assert.That(forms.Open!.First!.Root.ReadText(), Is.EqualTo("anything"));
        Assert.That(forms.Open.Second, Is.Null);
        Assert.That(forms.State, Is.EqualTo(new Forms.StateUnion.On(7)));
        Assert.That(forms.Mode.Inner.Name, Is.EqualTo("inner"));
        Assert.That(back!.Root.ReadText(), Is.EqualTo("anything"));
    }

    [Test]
    public void Message_with_capabilities_is_no_value()
    {
        using var built = new CapnpMessageBuilder();
        built.Root.InitStruct(new CapnpStructSize(0, 1)).Pointer(0).WriteCapabilityIndex(0);
        CapnpMessage? any = CapnpMessage.Read(built.ToArray());
        var nothing = default(ValueTuple);
        var forms = new Forms { State = new Forms.StateUnion.Off() };

        var refused = Assert.Throws<IpcException>(() => _depot.Forms(forms, ref any, ref nothing));

        Assert.That(refused.Kind, Is.EqualTo(IpcErrorKind.ArgumentNotEncoded));
        any = null;
        Assert.That(_depot.Forms(forms, ref any, ref nothing)!.State, Is.EqualTo(forms.State));
        Assert.That(any, Is.Null);
    }

    [TestCase("item")]
    [TestCase("other")]
    [TestCase("")]
    public void Declared_exceptions_are_told_apart(string name)
    {
        object? thrown = null;
        string bought = "";
        try
        {
            bought = _depot.Buy(new() { Name = name });
        }
        catch (ItemException exception)
        {
            thrown = exception.Name;
        }
        catch (Exception exception) when (exception.GetType() == typeof(Exception))
        {
            thrown = exception.Message;
        }

        Assert.That(thrown ?? bought, Is.EqualTo(name.Length == 0 ? "sold" : name));
    }

    private sealed class Depot : IDepot
    {
        public Item? Find(string name, int limit) => name.Length == 0 ? null : new() { Name = name };

        public void Count(Item[] items, Mode mode, out long total, out bool wanted)
        {
            total = items.Length;
            wanted = mode == Mode.Exact;
        }

        public void Change(ref uint stock, out byte[] old) => old = [(byte)stock++];

        public string Buy(Item item) => item.Name switch
        {
            "item" => throw new ItemException { Name = item.Name },
            "other" => throw new NotSupportedException(item.Name),
            _ => "sold",
        };

        public IDepot? Watch(Changed @event) => @event(1) == 2 ? this : null;

        public void Reset()
        {
        }

        public PairOfTextAndItem[] Pairs(PairOfTextAndItem[] pairs) => pairs;

        public Choice? Choose(Choice choice) => choice;

        public Choice[] Choices(Choice[] choices) => [.. choices.Reverse()];

        public Forms? Forms(Forms forms, ref CapnpMessage? any, ref ValueTuple nothing)
        {
            any = forms.Any;
            return forms;
        }

        public void Dispose()
        {
        }
    }
}
