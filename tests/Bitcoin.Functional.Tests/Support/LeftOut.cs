using Bitcoin.Primitives;

namespace Bitcoin.Functional.Support;

/// <summary>The tests that are left out over Dash's programs, and why. All others run.</summary>
internal static class LeftOut
{
    private static readonly Dictionary<string, string> s_dash = new(StringComparer.Ordinal)
    {
        ["""Every_network_has_its_own_directory("testnet4","testnet4")"""] = "there is no testnet4",
        ["""Every_network_has_its_own_directory("signet","signet")"""] = "there is no signet",
        ["""What_is_wrong_in_the_file_is_said("signet=1\nregtest=1\n",null)"""] = "there is no signet",
    };

    internal static void Check(ICurrency currency)
    {
        if (!currency.HasWitnesses && s_dash.TryGetValue(TestContext.CurrentContext.Test.Name, out string? reason))
        {
            Assert.Ignore(reason);
        }
    }
}
