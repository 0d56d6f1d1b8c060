using Bitcoin.Rpc;

namespace Bitcoin.Tests;

internal sealed class JsonTextTests
{
    [TestCase(4.656542373906925e-10, "4.656542373906925e-10")]
    [TestCase(0, "0")]
    [TestCase(1, "1")]
    [TestCase(-1.5, "-1.5")]
    [TestCase(0.1, "0.1")]
    [TestCase(0.0001, "0.0001")]
    [TestCase(0.00001, "1e-05")]
    [TestCase(0.1 + 0.2, "0.3")]
    [TestCase(1.0 / 3, "0.3333333333333333")]
    [TestCase(123456789.123456789, "123456789.1234568")]
    [TestCase(9999999999999998, "9999999999999998")]
    [TestCase(1e16, "1e+16")]
    [TestCase(1.7976931348623157e308, "1.797693134862316e+308")]
    [TestCase(5e-324, "4.940656458412465e-324")]
    public void A_double_is_printed_with_sixteen_digits_as_C_does(double number, string text)
    {
        Assert.That(JsonText.Compact(JsonText.Real(number)), Is.EqualTo(text));
    }

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void What_JSON_does_not_have_is_refused(double number)
    {
        Assert.Throws<ArgumentException>(() => JsonText.Real(number));
    }
}
