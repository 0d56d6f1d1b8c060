using System.Formats.Asn1;
using System.Numerics;
using NBitcoin;

namespace Bitcoin.Wallet.Storage;

/// <summary>
/// A private key as it stands in a wallet's file: an elliptic curve key of RFC 5915, with the curve's parameters
/// written out.
/// </summary>
internal static class PrivateKeyForm
{
    private const int KeyBytes = 32;

    private static readonly BigInteger s_field = BigInteger.Pow(2, 256) - BigInteger.Pow(2, 32) - 977;
    private static readonly BigInteger s_order = BigInteger.Parse(
        "0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141",
        System.Globalization.NumberStyles.HexNumber,
        System.Globalization.CultureInfo.InvariantCulture);

    // The public key of the private key one.
    private static readonly Key s_one = new([.. new byte[KeyBytes - 1], 1]);

    internal static byte[] Write(Key key)
    {
        PubKey pubKey = key.PubKey;
        byte[] generator = pubKey.IsCompressed
            ? s_one.PubKey.Compress().ToBytes()
            : s_one.PubKey.Decompress().ToBytes();
        byte[] secret = key.ToBytes();
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            writer.WriteOctetString(secret);
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            using (writer.PushSequence())
            {
                writer.WriteInteger(1);
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("1.2.840.10045.1.1");
                    writer.WriteInteger(s_field);
                }

                using (writer.PushSequence())
                {
                    writer.WriteOctetString([0]);
                    writer.WriteOctetString([7]);
                }

                writer.WriteOctetString(generator);
                writer.WriteInteger(s_order);
                writer.WriteInteger(1);
            }

            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
            {
                writer.WriteBitString(pubKey.ToBytes());
            }
        }

        System.Security.Cryptography.CryptographicOperations.ZeroMemory(secret);
        return writer.Encode();
    }

    /// <exception cref="InvalidDataException">It is none, or not the one of the public key.</exception>
    internal static Key Read(ReadOnlyMemory<byte> bytes, PubKey pubKey)
    {
        try
        {
            AsnReader sequence = new AsnReader(bytes, AsnEncodingRules.BER).ReadSequence();
            sequence.ReadInteger();
            Key key = new(sequence.ReadOctetString(), fCompressedIn: pubKey.IsCompressed);
            return key.PubKey == pubKey
                ? key
                : throw new InvalidDataException("A private key of the wallet is not the one of its public key.");
        }
        catch (Exception exception) when (exception is AsnContentException or ArgumentException or FormatException)
        {
            throw new InvalidDataException("A private key of the wallet is damaged.", exception);
        }
    }
}
