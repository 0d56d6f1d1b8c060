using System.Collections.Concurrent;

namespace Multiprocess.Generator.Tests.Behaviour;

/// <summary>Each emitted form at work, as on the object itself.</summary>
[TestFixture(Reached.Directly)]
[TestFixture(Reached.ThroughProxy)]
[CancelAfter(30_000)]
public sealed class EmittedCallTests(Reached reached)
{
    private readonly Subject<IEveryForm> _subject = new(new EveryForm(), reached);

    private IEveryForm Root => _subject.Root;

    [OneTimeTearDown]
    public void End() => _subject.Dispose();

    [Test]
    public void Results_and_out_and_ref_parameters_come_back()
    {
        int value = 40;
        Root.Increment(ref value, 2);

        Assert.That(value, Is.EqualTo(42));
        Assert.That(Root.TryDivide(7, 2, out int quotient), Is.True);
        Assert.That(quotient, Is.EqualTo(3));
        Assert.That(Root.TryDivide(7, 0, out _), Is.False);
    }

    [Test]
    public void Properties_and_indexers_are_read_and_written()
    {
        Root.Name = "changed";
        Root[3, "x"] = 5;

        Assert.That(Root.Name, Is.EqualTo("changed"));
        Assert.That(Root[3, "x"], Is.EqualTo(5));
    }

    [Test]
    public void Members_of_two_bases_with_one_name_stay_apart()
    {
        Assert.That(((IFirstBase)Root).Reset(), Is.EqualTo("first"));
        Assert.That(((ISecondBase)Root).Reset(), Is.EqualTo("second"));
    }

    [Test]
    public void Record_crosses_with_everything_in_it()
    {
        var person = new Person("Ada", 36, Color.Red, new Person("Byron", 60))
        {
            Nick = "A",
            Children = [new Person("B", 1)],
        };

        var grown = Root.Grow(person);

        Assert.That(grown with { Children = [] }, Is.EqualTo(person with { Age = 37, Children = [] }));
        Assert.That(
            grown.Children,
            Is.EqualTo(person.Children).Using<Person, Person>((a, b) => a.Name == b.Name && a.Age == b.Age));
    }

    [Test]
    public void Null_crosses_where_the_type_admits_it()
    {
        Assert.That(Root.Find(null), Is.Null);
        Assert.That(Root.Find("a"), Is.EqualTo(new Person("a", 1)).Using<Person, Person>((a, b) => a.Name == b.Name));
        Assert.That(Root.Child(-1), Is.Null);
        Assert.That(Root.Echo(new Page<Person?>([null], 1)).Items, Is.EqualTo(new Person?[] { null }));
    }

    [Test]
    public void Tuples_structs_and_enums_cross()
    {
        Assert.That(Root.Mix((1, 2), new Point(3, 9), Color.Green, 4, 5), Is.EqualTo((15, "Green")));
        Assert.That(Root.Mix((1, 2), null, Color.Red), Is.EqualTo((3, (string?)null)));
        Assert.That(Root.Long((1, 2, 3, 4, 5, 6, 7, "8", 9)), Is.EqualTo((1, 2, 3, 4, 5, 6, 7, "8", 9)));
    }

    [Test]
    public void Bytes_stay_readable_while_the_method_calls_back()
    {
        byte[] bytes = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];

        Assert.That(Root.Sum(bytes, x => Root.Mix((x, x), null, Color.Red).Sum), Is.EqualTo(2 * bytes.Sum(b => b)));
        Assert.That(Root.Sum([], x => x), Is.Zero);
    }

    [Test]
    public void Interface_crosses_by_reference()
    {
        using var child = Root.Child(5)!;
        var own = new Node(1);

        child.Number++;

        Assert.That(child.Number, Is.EqualTo(6));
        Assert.That(Root.IsSame(child, child), Is.True);
        Assert.That(Root.IsSame(own, own), Is.True);
        Assert.That(Root.IsSame(own, child), Is.False);
    }

    [Test]
    public void References_cross_inside_values()
    {
        var own = new Node(10);

        var wrapped = Root.Wrap(new Handle(own, null));

        Assert.That(wrapped.Node, Is.SameAs(own));
        Assert.That(wrapped.Callback!(5), Is.EqualTo(15));
    }

    [Test]
    public void Delegate_with_ref_and_out_is_called_back()
    {
        int result = Root.Parse(
            (string text, ref int calls, out int value) =>
            {
                calls++;
                return int.TryParse(text, out value);
            },
            "40");

        Assert.That(result, Is.EqualTo(42));
    }

    [Test]
    public void Handler_hears_until_it_is_removed()
    {
        var heard = new List<int>();
        EventHandler<MovedEventArgs> moved = (sender, e) => heard.Add(e.X * (ReferenceEquals(sender, Root) ? 10 : 0));
        Root.Counted += heard.Add;
        Root.Moved += moved;

        Root.Raise(1);
        Root.Counted -= heard.Add;
        Root.Moved -= moved;
        Root.Raise(2);

        Assert.That(heard, Is.EqualTo(new[] { 1, 10 }));
    }

    [Test]
    public async Task Asynchronous_methods_complete()
    {
        Assert.That(await Root.AddAsync(2, 3), Is.EqualTo(5));
        Assert.That(await Root.TextAsync("a"), Is.EqualTo("a!"));
        Assert.That(await Root.TextAsync(null), Is.Null);

        await Root.RunAsync(async text =>
        {
            await Task.Yield();
            return text.Length;
        });
        Assert.That(Root.Name, Is.EqualTo("ran 2"));
    }

    [Test]
    public void Cancelling_the_token_cancels_the_call()
    {
        using var source = new CancellationTokenSource();
        var waiting = Root.WaitAsync(source.Token).AsTask();

        source.Cancel();

        Assert.That(
            async () => await waiting.WaitAsync(TimeSpan.FromSeconds(20)),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void One_way_calls_arrive_in_order()
    {
        Root.Post("a");
        Root.Post("b");

        Assert.That(Root.Posted(), Is.EqualTo("a,b"));
    }

    [Test]
    public void Progress_is_heard_in_order()
    {
        using var heard = new BlockingCollection<string>();

        Root.Report(new Listener(heard));

        Assert.That(new[] { Take(heard), Take(heard) }, Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public void Fault_is_caught_as_what_it_is()
    {
        var fault = Assert.Throws<QuotaException>(() => Root.Fail(9))!;

        Assert.That((fault.Message, fault.Limit, fault.Level), Is.EqualTo(("too much", 9, Color.Green)));
        Assert.That(fault.InnerException, Is.Not.Null);
    }

    [Test]
    public void Default_method_runs_remotely_and_a_sealed_one_here()
    {
        Assert.That(Root.WithBody(), Is.EqualTo(3));
        Assert.That(Root.Local(), Is.EqualTo(2));
    }

    private static string? Take(BlockingCollection<string> heard)
        => heard.TryTake(out string? text, TimeSpan.FromSeconds(20)) ? text : null;

    private sealed class Listener(BlockingCollection<string> heard) : IProgress<string>
    {
        public void Report(string value) => heard.Add(value);
    }
}
