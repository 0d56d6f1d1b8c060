using Multiprocess.Framing;
using Multiprocess.Messages;
using Multiprocess.Protocols;

namespace Multiprocess.Tests.Framing;

public sealed class MessagePoolTests
{
    private const int MaxHeldBytes = 128 * 1024;

    [Test]
    public void A_burst_of_small_messages_is_kept_for_the_next_one([Values(0, 20, 256)] int length)
    {
        const int Burst = 200;
        var pool = new MessagePool();
        HashSet<Message> first = Rent(pool, Burst, length);
        Return(pool, first);

        Assert.That(Rent(pool, Burst, length).Except(first), Is.Empty, "all are used again");
    }

    [Test]
    public void What_is_kept_is_bounded_whatever_the_size([Values(0, 20, 1000, 4096, 5000, 1_000_000)] int length)
    {
        var pool = new MessagePool();
        HashSet<Message> rented = Rent(pool, 2000, length);
        Return(pool, rented);

        Message[] kept = [.. Rent(pool, 2000, length: 0).Where(rented.Contains)];

        Assert.That(kept, Is.Not.Empty);
        Assert.That(kept.Sum(message => message.HeldBytes), Is.LessThanOrEqualTo(MaxHeldBytes));
    }

    [Test]
    public void A_message_grows_to_what_it_is_used_for_and_no_further()
    {
        var message = new Message();
        message.Prepare(20);
        int small = message.HeldBytes;
        message.Prepare(3000);
        int larger = message.HeldBytes;
        message.Prepare(100_000);
        message.Clear();

        Assert.That(small, Is.LessThan(512));
        Assert.That(larger, Is.InRange(3000, 5000));
        Assert.That(message.HeldBytes, Is.LessThan(small), "what came from the shared pool went back there");
    }

    private static HashSet<Message> Rent(MessagePool pool, int count, int length)
    {
        HashSet<Message> rented = [];
        for (int i = 0; i < count; i++)
        {
            Message message = pool.Rent();
            message.Prepare(length);
            rented.Add(message);
        }

        return rented;
    }

    private static void Return(MessagePool pool, IEnumerable<Message> messages)
    {
        foreach (Message message in messages)
        {
            pool.Return(message);
        }
    }
}
