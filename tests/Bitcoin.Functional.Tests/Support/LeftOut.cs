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
        ["An_output_with_a_witness_is_signed_for_only_if_its_amount_is_told"] = "there are no witnesses",
        ["What_a_PSBT_says_about_the_origin_of_a_key_stays"] = "there are no witnesses",
        ["A_PSBT_is_signed_as_it_states_and_joined_without_signatures"] = "there are no witnesses",
    };

    internal static void Check(ICurrency currency)
    {
        if (!currency.HasWitnesses && s_dash.TryGetValue(TestContext.CurrentContext.Test.Name, out string? reason))
        {
            Assert.Ignore(reason);
        }
    }
}
