namespace Multiprocess.Generator.Tests.Behaviour;

/// <summary>Sequences across processes: batches, ends, tokens, exceptions, disposal, identity.</summary>
[TestFixture(Reached.Directly)]
[TestFixture(Reached.ThroughProxy)]
[CancelAfter(60_000)]
public sealed class SequenceTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Streaming _server = new();
    private readonly Subject<IStreaming> _subject;

    public SequenceTests(Reached reached) => _subject = new Subject<IStreaming>(_server, reached);

    private IStreaming Root => _subject.Root;

    [OneTimeTearDown]
    public void End() => _subject.Dispose();

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(900)]
    public async Task Items_of_a_result_arrive_in_order(int count)
    {
        var arrived = new List<int>();
        await foreach (int item in Root.Count(count))
        {
            arrived.Add(item);
        }

        Assert.That(arrived, Is.EqualTo(Enumerable.Range(0, count)));
        Assert.That(await _server.Ended.WaitAsync(s_patience), Is.True);
    }

    [Test]
    public async Task Items_of_a_parameter_arrive_in_order()
    {
        Assert.That(await Root.SumAsync(_server.Count(100)), Is.EqualTo(4950));
        Assert.That(await _server.Ended.WaitAsync(s_patience), Is.True);
    }

    [Test]
    public async Task Values_and_nulls_cross_as_items()
    {
        var people = new List<Person?>();
        await foreach (var person in Root.People())
        {
            people.Add(person);
        }

        Assert.That(people.Select(person => person?.Name), Is.EqualTo(new[] { "Ada", null }));
    }

    [Test]
    public async Task Early_end_disposes_the_source_which_has_computed_little_more()
    {
        int before = _server.Computed;
        await foreach (int item in Root.Count(900))
        {
            if (item == 10)
            {
                break;
            }
        }

        Assert.That(await _server.Ended.WaitAsync(s_patience), Is.True);
        Assert.That(_server.Computed - before, Is.LessThan(40));
    }

    [Test]
    public async Task Consumer_of_a_parameter_that_ends_early_disposes_it_too()
    {
        Assert.That(await Root.SumAsync(_server.Count(900), atMost: 10), Is.EqualTo(10));
        Assert.That(await _server.Ended.WaitAsync(s_patience), Is.True);
    }

    [Test]
    public async Task Exception_of_the_source_arrives_behind_the_items_before_it()
    {
        int count = 0;
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (int item in Root.Count(2000))
            {
                count++;
            }
        });

        Assert.That((thrown!.Message, count), Is.EqualTo(("a thousand", 1000)));
        Assert.That(await _server.Ended.WaitAsync(s_patience), Is.True);
    }

    [Test]
    public async Task Item_that_is_there_is_not_held_back_by_one_that_is_not()
    {
        await using var items = Root.Wait().GetAsyncEnumerator();

        Assert.That(await items.MoveNextAsync().AsTask().WaitAsync(s_patience), Is.True);
        Assert.That(items.Current, Is.EqualTo("first"));
    }

    [Test]
    public async Task Token_of_the_enumeration_reaches_the_source()
    {
        while (_server.Waiting.Wait(0) || _server.Ended.Wait(0))
        {
        }

        using var source = new CancellationTokenSource();
        await using var items = Root.Wait().GetAsyncEnumerator(source.Token);
        await items.MoveNextAsync();
        var next = items.MoveNextAsync().AsTask();
        Assert.That(await _server.Waiting.WaitAsync(s_patience), Is.True);

        source.Cancel();

        Assert.That(async () => await next.WaitAsync(s_patience), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await _server.Ended.WaitAsync(s_patience), Is.True);
    }

    [Test]
    public async Task Large_items_do_not_add_up_to_a_frame_that_is_too_large()
    {
        int bytes = 0;
        await foreach (byte[] block in Root.Blocks(20, 5_000_000))
        {
            bytes += block.Length;
        }

        Assert.That(bytes, Is.EqualTo(100_000_000));
    }

    [Test]
    public void Sequence_that_is_sent_home_is_itself()
    {
        var numbers = _server.Count(3);
        var theirs = Root.Count(3);

        Assert.That(Root.Echo(numbers), Is.SameAs(numbers));
        Assert.That(Root.IsSame(theirs, theirs), Is.True);
        Assert.That(Root.IsSame(theirs, numbers), Is.False);
    }

    [Test]
    public async Task Sequence_can_be_enumerated_twice()
    {
        var numbers = Root.Count(5);

        Assert.That(await SumAsync(numbers), Is.EqualTo(10));
        Assert.That(await SumAsync(numbers), Is.EqualTo(10));
    }

    [Test]
    public async Task Lost_connection_ends_the_enumeration_on_both_sides()
    {
        var server = new Streaming();
        using var pair = IpcTestPair.Create<IStreaming>(server);
        await using var items = pair.Root.Wait().GetAsyncEnumerator();
        await items.MoveNextAsync();
        var next = items.MoveNextAsync().AsTask();
        Assert.That(await server.Waiting.WaitAsync(s_patience), Is.True);

        pair.Dispose();

        Assert.That(async () => await next.WaitAsync(s_patience), Throws.InstanceOf<IpcDisconnectedException>());
        Assert.That(await server.Ended.WaitAsync(s_patience), Is.True);
    }

    private static async Task<int> SumAsync(IAsyncEnumerable<int> numbers)
    {
        int sum = 0;
        await foreach (int number in numbers)
        {
            sum += number;
        }

        return sum;
    }
}
