using System.Numerics;
using MessagePack;
using MessagePack.Formatters;
using Multiprocess;

namespace Samples.Tests.Docs;

public sealed record Order(int Id, string Customer, IReadOnlyList<OrderLine> Lines)
{
    public string? Note { get; init; }
}

public readonly record struct OrderLine(string Article, int Count, decimal Price);

[IpcUnion(0, typeof(Card))]
[IpcUnion(1, typeof(Invoice))]
public abstract record Payment;

public sealed record Card([property: IpcSensitive] string Number) : Payment;

public sealed record Invoice(string Address) : Payment;


[IpcInterface]
public interface IShop
{
    int Place(Order order, Payment payment);

    bool TryFind(int id, out Order? order);

    decimal Total { get; }

    event EventHandler<int> Placed;

    [IpcOneWay]
    void Log(string line);

    [IpcMethod(TimeoutMilliseconds = 2_000)]
    int Recount();

    Task<int> ExportAsync(IProgress<int> progress, CancellationToken cancellationToken = default);

    [IpcLocal]
    bool IsEmpty => Total == 0;
}

public sealed class Vector3Formatter : IMessagePackFormatter<Vector3>
{
    public void Serialize(ref MessagePackWriter writer, Vector3 value, MessagePackSerializerOptions options)
    {
        writer.WriteArrayHeader(3);
        writer.Write(value.X);
        writer.Write(value.Y);
        writer.Write(value.Z);
    }

    public Vector3 Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
        => reader.ReadArrayHeader() == 3
            ? new Vector3(reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle())
            : throw new MessagePackSerializationException("Expected three numbers.");
}

[IpcInterface]
[IpcConverter(typeof(Vector3Formatter))]
public interface ISpace
{
    Vector3 Cross(Vector3 left, Vector3 right);
}

/// <summary>Runs what docs/contracts.md shows.</summary>
public sealed class ContractsPageTests
{
    [Test]
    public void A_formatter_carries_a_type_of_another_library()
    {
        using var pair = IpcTestPair.Create<ISpace>(new Space());

        Assert.That(pair.Root.Cross(Vector3.UnitX, Vector3.UnitY), Is.EqualTo(Vector3.UnitZ));
    }

    private sealed class Space : ISpace
    {
        public Vector3 Cross(Vector3 left, Vector3 right) => Vector3.Cross(left, right);
    }

    [Test]
    public void Values_are_copied_and_events_call_back()
    {
        using var pair = IpcTestPair.Create<IShop>(new Shop());
        IShop shop = pair.Root;
        List<int> placed = [];
        shop.Placed += (sender, id) => placed.Add(id);

        int id = shop.Place(
            new Order(0, "Ada", [new OrderLine("pen", 2, 1.50m)]) { Note = "no hurry" }, new Card("4111"));

        Assert.That(placed, Is.EqualTo(new[] { id }));
        Assert.That(shop.TryFind(id, out Order? order), Is.True);
        Assert.That(order!.Note, Is.EqualTo("no hurry"));
        Assert.That(shop.Total, Is.EqualTo(3.00m));
        Assert.That(shop.IsEmpty, Is.False);
    }

    [Test]
    public async Task Progress_arrives_in_order()
    {
        using var pair = IpcTestPair.Create<IShop>(new Shop());
        List<int> reports = [];

        int exported = await pair.Root.ExportAsync(new Reports(reports));

        Assert.That(exported, Is.EqualTo(3));
        Assert.That(reports, Is.EqualTo(new[] { 1, 2, 3 }));
    }

    private sealed class Reports(List<int> reports) : IProgress<int>
    {
        public void Report(int value) => reports.Add(value);
    }

    private sealed class Shop : IShop
    {
        private readonly Dictionary<int, Order> _orders = [];

        public event EventHandler<int>? Placed;

        public decimal Total => _orders.Values.Sum(order => order.Lines.Sum(line => line.Count * line.Price));

        public int Place(Order order, Payment payment)
        {
            int id = _orders.Count + 1;
            _orders.Add(id, order with { Id = id });
            Placed?.Invoke(this, id);
            return id;
        }

        public bool TryFind(int id, out Order? order) => _orders.TryGetValue(id, out order);

        public void Log(string line)
        {
        }

        public int Recount() => _orders.Count;

        public Task<int> ExportAsync(IProgress<int> progress, CancellationToken cancellationToken = default)
        {
            for (int i = 1; i <= 3; i++)
            {
                progress.Report(i);
            }

            return Task.FromResult(3);
        }
    }
}
