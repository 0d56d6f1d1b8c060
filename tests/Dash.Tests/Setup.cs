using Bitcoin.Primitives;

namespace Dash.Tests;

/// <summary>Makes Dash the currency of this process, as the first statement of Dash's programs does.</summary>
[SetUpFixture]
public sealed class Setup
{
    [OneTimeSetUp]
    public void Use() => Currency.Use(DashCurrency.Instance);
}
