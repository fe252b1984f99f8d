// The worker speaks the API of libsrtp3, Debian has libsrtp2. This is the part of the former that the worker uses,
// written on the latter, mostly as overloads.
#pragma once

#include <srtp2/srtp.h>
#include <cstdint>
#include <cstring>

// Statuses that libsrtp3 added.
constexpr auto srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
constexpr auto srtp_err_status_cryptex_err  = static_cast<srtp_err_status_t>(29);

// In libsrtp3 a policy is opaque, owns its key and is filled by setters.
struct ms_srtp_policy
{
	srtp_policy_t policy{};
	unsigned char key[SRTP_MAX_KEY_LEN]{};
};

inline srtp_err_status_t srtp_policy_create(ms_srtp_policy** policy)
{
	*policy = new ms_srtp_policy;

	return srtp_err_status_ok;
}

inline void srtp_policy_destroy(ms_srtp_policy* policy)
{
	delete policy;
}

inline srtp_err_status_t srtp_policy_set_ssrc(ms_srtp_policy* policy, srtp_ssrc_t ssrc)
{
	policy->policy.ssrc = ssrc;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(ms_srtp_policy* policy, srtp_profile_t profile)
{
	const auto status = srtp_crypto_policy_set_from_profile_for_rtp(&policy->policy.rtp, profile);

	return status != srtp_err_status_ok
	         ? status
	         : srtp_crypto_policy_set_from_profile_for_rtcp(&policy->policy.rtcp, profile);
}

inline srtp_err_status_t srtp_policy_add_key(
  ms_srtp_policy* policy,
  const uint8_t* key,
  size_t keyLen,
  const uint8_t* salt,
  size_t saltLen,
  const uint8_t* /*mki*/,
  size_t /*mkiLen*/)
{
	if (keyLen + saltLen > sizeof(policy->key))
	{
		return srtp_err_status_bad_param;
	}

	std::memcpy(policy->key, key, keyLen);
	std::memcpy(policy->key + keyLen, salt, saltLen);
	policy->policy.key = policy->key;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(ms_srtp_policy* policy, bool allow)
{
	policy->policy.allow_repeat_tx = allow;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(ms_srtp_policy* policy, size_t size)
{
	policy->policy.window_size = size;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_create(srtp_t* session, ms_srtp_policy* policy)
{
	return srtp_create(session, &policy->policy);
}

inline srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrc)
{
	return srtp_remove_stream(session, ssrc);
}

// libsrtp3 reads one buffer and writes another whose capacity it is told, libsrtp2 works in place. `room` is what the
// operation may add to the packet.
template<typename Operation>
inline srtp_err_status_t ms_srtp_out_of_place(
  Operation operation, size_t room, srtp_t session, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen)
{
	if (*outLen < inLen + room)
	{
		return srtp_err_status_buffer_small;
	}

	if (in != out)
	{
		std::memcpy(out, in, inLen);
	}

	int len           = static_cast<int>(inLen);
	const auto status = operation(session, static_cast<void*>(out), &len);

	if (status == srtp_err_status_ok)
	{
		*outLen = static_cast<size_t>(len);
	}

	return status;
}

using ms_srtp_in_place = srtp_err_status_t (*)(srtp_t, void*, int*);

inline srtp_err_status_t srtp_protect(
  srtp_t session, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t /*mkiIndex*/)
{
	return ms_srtp_out_of_place(
	  static_cast<ms_srtp_in_place>(srtp_protect), SRTP_MAX_TRAILER_LEN, session, in, inLen, out, outLen);
}

// SRTCP also carries a four byte index.
inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t session, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t /*mkiIndex*/)
{
	return ms_srtp_out_of_place(
	  static_cast<ms_srtp_in_place>(srtp_protect_rtcp), SRTP_MAX_TRAILER_LEN + 4, session, in, inLen, out, outLen);
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t session, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen)
{
	return ms_srtp_out_of_place(
	  static_cast<ms_srtp_in_place>(srtp_unprotect), 0, session, in, inLen, out, outLen);
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t session, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen)
{
	return ms_srtp_out_of_place(
	  static_cast<ms_srtp_in_place>(srtp_unprotect_rtcp), 0, session, in, inLen, out, outLen);
}

// Last, so that everything above still means libsrtp2's own type.
#ifndef MS_SRTP_POLICY_IS_STRUCT // as it was until libsrtp3 was released
#define srtp_policy_t ms_srtp_policy*
#endif
