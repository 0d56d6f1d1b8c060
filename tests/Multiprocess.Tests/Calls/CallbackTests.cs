using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Calls;

public sealed class CallbackTests(Reached reached) : ContractFixture(reached)
{
    private IShapes _root = null!;

    [SetUp]
    public void MakePair() => _root = Reach<IShapes>(new Shapes());

    [Test]
    public void An_interface_argument_is_called_back()
        => Assert.That(_root.Ask(new Feedback(), "hallo"), Is.EqualTo("hallo!"));

    [Test]
    public void A_derived_interface_is_called_back_on_all_its_methods()
        => Assert.That(_root.AskLoudly(new Feedback(), "a"), Is.EqualTo("a!A"));

    [Test]
    public void A_function_argument_is_called_back() => Assert.That(_root.Evaluate(() => 10), Is.EqualTo(10));

    [Test]
    public void A_function_argument_may_take_a_function_of_the_other_side()
        => Assert.That(_root.PassOn((text, next) => next(text + "1") + next(text + "2"), "x"), Is.EqualTo("<x1><x2>"));

    [Test]
    public void A_delegate_with_ref_and_out_parameters_is_called_back()
    {
        static bool Double(string text, ref int sum, out int value)
        {
            sum *= 2;
            return int.TryParse(text, out value);
        }

        string[] texts = ["1", "2", "x", "4"];

        Assert.That(_root.ParseAll(Double, texts), Is.EqualTo(new Shapes().ParseAll(Double, texts)));
    }

    [Test]
    public void A_function_may_be_a_result()
    {
        Func<int, int> addFive = _root.MakeAdder(5);

        Assert.That(addFive(1), Is.EqualTo(6));
        Assert.That(addFive(10), Is.EqualTo(15));
    }

    [Test]
    public void What_a_callback_throws_goes_through_both_sides()
        => Assert.That(
            () => _root.Evaluate(() => throw new TooManyException("no", 4, [])),
            Throws.TypeOf<TooManyException>().With.Property(nameof(TooManyException.Limit)).EqualTo(4));

    [Test]
    public void A_callback_is_called_as_often_as_it_is_sent()
    {
        int calls = 0;
        for (int i = 0; i < 100; i++)
        {
            _root.Evaluate(() => ++calls);
        }

        Assert.That(calls, Is.EqualTo(100));
    }
}
