using Multiprocess.Tool.Contracts;

namespace Multiprocess.Tool.Tests;

/// <summary>Descriptions of servers of other versions.</summary>
public sealed class ContractBookTests
{
    private const string Contract = """
        interface Example.IPeople
         83369F25 Find(System.String name,System.Int32 most):System.String
         C937752D Note(System.String text):System.Void
        record Example.Person
         Name: System.String
         Age: System.Int32 = default
        """;

    [Test]
    public void A_description_without_defaults_leaves_nothing_out()
    {
        var book = new ContractBook(Contract);

        Assert.That(
            book.Described.Single().Methods.SelectMany(method => method.Parameters),
            Has.All.Property(nameof(Parameter.Default)).Null);
    }

    [Test]
    public void Defaults_belong_to_the_parameter_and_the_method_that_they_name_wherever_they_stand(
        [Values] bool standBefore)
    {
        const string defaults = "defaults Example.IPeople\n 83369F25 most = 10\n C937752D other = 1\n"
            + "defaults Example.Person\n Age = 18\ndefaults Example.Nobody\n Age = 1";

        var book = new ContractBook(standBefore ? defaults + "\n" + Contract : Contract + "\n" + defaults);

        Method[] methods = [.. book.Described.Single().Methods];
        Assert.That(methods[0].Parameters[0].Default, Is.Null);
        Assert.That(methods[0].Parameters[1].Default, Is.EqualTo(new DefaultValue("10")));
        Assert.That(methods[1].Parameters[0].Default, Is.Null);
        Assert.That(
            book.FindShape(TypeName.Parse("Example.Person"))!.Members.Select(member => member.Default?.Text),
            Is.EqualTo(new[] { null, "18" }));
    }

    [Test]
    public void What_a_later_version_says_is_skipped()
    {
        var book = new ContractBook(
            Contract + "\nremarks Example.IPeople\n 83369F25 what = ever\ndefaults Example.IPeople\n"
                + " 83369F25 name = later words\n 83369F25 most = 10");

        Assert.That(
            book.Described.Single().Methods[0].Parameters.Select(parameter => parameter.Default?.Text),
            Is.EqualTo(new[] { null, "10" }));
    }

    [Test]
    public void A_line_without_a_value_is_an_error()
        => Assert.That(
            () => new ContractBook(Contract + "\ndefaults Example.IPeople\n 83369F25 most"),
            Throws.TypeOf<FormatException>().With.Message.Contains("83369F25 most"));
}
